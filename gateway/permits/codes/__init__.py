"""
The code lists of CITES as immutable data: `schemas/codelists/*.csv`.

- `entry`: one code (`ListedCode`), one alias (`Alias`), one list (`CodeList`).
- `lists`: all lists of a permit, read once (`code_lists`, `find_unit`), and what there is (`catalogue`).
- `files`: reads the files behind them (`load`).
- `changes`: what differs between two days, or between our list and somebody else's.

`schemas/README.md` says where each list came from and how sure it is.
"""

from gateway.permits.codes.entry import Alias, CodeList, ListedCode, Status
from gateway.permits.codes.files import load
from gateway.permits.codes.lists import SPECIMENS, CodeLists, ListInfo, catalogue, code_lists, find_unit

__all__ = [
    "SPECIMENS",
    "Alias",
    "CodeList",
    "CodeLists",
    "ListInfo",
    "ListedCode",
    "Status",
    "catalogue",
    "code_lists",
    "find_unit",
    "load",
]
