"""
Where documents are examined: small ones at once, large ones in a thread beside the event loop.

Examining a usual permit takes one or two milliseconds, and handing it to a thread would cost more than that
saves. A permit of hundreds of lines, or what a stranger sends in its place, takes up to a tenth of a second
and more, in which nobody else would get an answer. Threads suit the work: libxml2 gives the interpreter free
while it parses, canonicalises and validates, Python gives it free every 5 ms, and a tree or a permit is
handed back as it is.
"""

import asyncio
import contextvars
import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar, TypeVarTuple

from gateway.errors import GatewayBusy

Given = TypeVarTuple("Given")
Result = TypeVar("Result")

LARGE_BYTES = 32 * 1024
"""
From so many bytes on a document is large.

Below it the costliest text, names or attributes that we know of hold the loop for 3 ms. Handing a document
over costs a tenth of one.
"""

LARGE_MARKUP = 150
"""
From so many elements on a document is large, however few bytes they take.

An element costs some microseconds to read, and 60 µs where the schema must be explained: 9 ms for 150. A
permit of three lines has 100.
"""

LARGE_ATTRIBUTES = 150
"""
From so many equals signs on a document is large, for attributes cost like elements.

Ten elements with sixty unknown attributes each are 4 KB and held the loop for 30 ms. A sealed permit of three
lines has 68 equals signs.
"""

PLACES = 16
"""
Large documents on one side that are examined or wait for it; one more is turned away.

Each costs a tenth of a second, so the last one waits less than two, and together they hold 80 MiB.
"""


def settle() -> None:
    """
    Leave what was loaded at the start out of every later search for garbage.

    Schemas, code lists and libraries are more than 100,000 objects that stay. Each full search would visit
    them all, and keep the loop and every thread waiting for 25 ms meanwhile.
    """
    gc.collect()
    gc.freeze()


def is_large(data: bytes) -> bool:
    """Whether examining a document may take longer than the event loop can be held."""
    return (
        len(data) >= LARGE_BYTES
        or data.count(b"<") - data.count(b"</") >= LARGE_MARKUP
        or data.count(b"=") >= LARGE_ATTRIBUTES
    )


class _Side:
    """One thread and the places in front of it."""

    def __init__(self, name: str) -> None:
        """The thread begins with the first large document."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"desk-{name}")
        self._places = threading.BoundedSemaphore(PLACES)

    async def run(self, examine: Callable[[*Given], Result], *given: *Given) -> Result:
        """
        What `examine(*given)` returns or raises, when its turn has come.

        A caller that goes away takes what waits with it; the place of what has begun is free when it ends.
        """
        if not self._places.acquire(blocking=False):
            raise GatewayBusy(
                f"{PLACES} large documents are being examined or wait for it",
                advice="send the same again a little later; nothing was kept, and nothing is done twice",
            )
        work = self._thread.submit(contextvars.copy_context().run, partial(examine, *given))
        work.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Take no more; what waits is dropped, what has begun ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class ThreadDesk:
    """
    Fulfils the port `Desk`; `close` it at the end.

    Strangers and known callers have a thread each: whoever floods the gateway with large documents stands in
    the way of other strangers only. More threads would not examine faster, because most of the work needs the
    interpreter, and each one that runs can delay the loop by those 5 ms.
    """

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._strangers = _Side("strangers")
        self._known = _Side("known")

    async def run(
        self,
        data: bytes,
        examine: Callable[[*Given], Result],
        *given: *Given,
        stranger: bool = False,
    ) -> Result:
        """As the port says: at once for a small document, in a thread for a large one."""
        if not is_large(data):
            return examine(*given)
        return await (self._strangers if stranger else self._known).run(examine, *given)

    def close(self) -> None:
        """Take no more large documents."""
        self._strangers.close()
        self._known.close()
