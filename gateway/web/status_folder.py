"""The folder of status lists: proven once, and again when a file or the trust in issuers has changed."""

import asyncio
from pathlib import Path

from aiohttp import web

from gateway.errors import KeyMaterialError
from gateway.flows.status_lists import Issuers, ListInHand, prove_lists
from gateway.signatures.issuer_folder import read_status_lists, status_list_files
from gateway.wording import say

Stamp = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of each file."""


class StatusFolder:
    """Lists in hand; a folder that is missing or empty gives none."""

    def __init__(self, folder: Path | None) -> None:
        """Nothing is read yet."""
        self._folder = folder
        self._lock = asyncio.Lock()
        self._read: tuple[Stamp, Issuers] | None = None
        self._lists: tuple[ListInHand, ...] = ()

    async def lists(self, issuers: Issuers) -> tuple[ListInHand, ...]:
        """The lists as they are now, read beside the event loop."""
        if self._folder is None:
            return ()
        async with self._lock:
            stamp = await asyncio.to_thread(_stamp, self._folder)
            if self._read != (stamp, issuers):
                self._lists = await asyncio.to_thread(_lists, self._folder, issuers)
                self._read = (stamp, issuers)
            return self._lists


STATUS_LISTS = web.AppKey("status_lists", StatusFolder)


def _stamp(folder: Path) -> Stamp:
    """What tells whether a file has changed."""
    found = []
    for file in status_list_files(folder):
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((file.name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def _lists(folder: Path, issuers: Issuers) -> tuple[ListInHand, ...]:
    """Each list; a file that cannot be read stops no other, and its path is not told to strangers."""
    found: list[ListInHand] = []
    for file in status_list_files(folder):
        try:
            texts = read_status_lists([file])
        except KeyMaterialError:
            found.append(ListInHand(file.name, refusal=say("the file cannot be read as a status list")))
            continue
        found += prove_lists(texts, issuers)
    return tuple(found)
