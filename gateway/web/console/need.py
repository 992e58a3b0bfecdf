"""One thing that somebody should see to, and who finds such things."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from gateway.wording import Words


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that somebody should see to."""

    tone: str
    """`bad`: now; `unsure`: soon; `calm`: good to know."""
    title: Words
    figure: str
    """How much; may be empty."""
    facts: tuple[str, ...]
    """Sentences; those made with `say` are translated."""
    advice: Words
    link: str
    """Where it is done."""
    link_text: Words


Finder = Callable[[web.Request], Awaitable[Sequence[Need]]]
"""What another subject has to say; it may be slow or fail, which hides nothing else."""
