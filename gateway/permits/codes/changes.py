"""What happened to a code list between two days."""

from dataclasses import dataclass
from datetime import date

from gateway.permits.codes.entry import CodeList, ListedCode


@dataclass(frozen=True, slots=True)
class Changes:
    """The codes of a list that were not the same on two days, in the order of the list."""

    began: tuple[ListedCode, ...]
    """Not yet valid on the first day, and begun until the second."""
    ended: tuple[ListedCode, ...]
    """Valid on the first day, no longer on the second, and nothing takes their place."""
    replaced: tuple[ListedCode, ...]
    """As `ended`; `replaced_by` says what to write instead."""
    undated: int
    """How many codes of the list have neither a first nor a last day: nothing can be said of them."""


def between(code_list: CodeList, first: date, second: date) -> Changes:
    """
    The changes from the end of the day `first` to the end of the day `second`.

    Only what has a date in the list is seen. A code that began and ended in between is in both.
    """
    entries = code_list.entries.values()
    over = [
        entry for entry in entries if entry.valid_until is not None and first <= entry.valid_until < second
    ]
    return Changes(
        began=tuple(
            entry for entry in entries if entry.valid_from is not None and first < entry.valid_from <= second
        ),
        ended=tuple(entry for entry in over if not entry.replaced_by),
        replaced=tuple(entry for entry in over if entry.replaced_by),
        undated=sum(entry.valid_from is None and entry.valid_until is None for entry in entries),
    )
