"""
The port `Storage` in memory: the same promises as the database, without a disk.

A transaction works on a copy of the state; only when its block is left without an error does the copy become
the state. One writer at a time, as with SQLite. A reader works on a copy that is thrown away.
"""

from support.memory.storage import MemoryStorage, MemoryTransaction

__all__ = ["MemoryStorage", "MemoryTransaction"]
