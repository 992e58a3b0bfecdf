"""How strictly a document is read."""

from enum import StrEnum


class Profile(StrEnum):
    """A reading profile."""

    STRICT = "strict"
    """As we write ourselves: the document is judged as it stands. What a conformance check demands."""
    TOLERANT = "tolerant"
    """As real senders write: known oddities are read, and each is a finding (`codec/tolerances.py`)."""
