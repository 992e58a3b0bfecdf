"""Whether a text that people wrote, in English, French or Spanish, speaks of something."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_BETWEEN_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=16)
def folded(text: str) -> str:
    """
    The words of a text for comparison: small letters without accents and digits, one space around each word.

    `Élevé en captivité, F2` becomes ` eleve en captivite f2 `; other scripts keep their letters. The last few
    texts are remembered, because several rules look at the same one.
    """
    words = text.casefold()
    if not words.isascii():
        words = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    return f" {_BETWEEN_WORDS.sub(' ', words).strip()} "


def speaks_of(text: str, phrases: Iterable[str]) -> bool:
    """
    Whether one of the phrases stands in a text.

    Phrases are written as `folded` gives them: with a space before, so that they begin at a word, and with a
    space after when the last word must end there.
    """
    if not text:
        return False
    words = folded(text)
    for phrase in phrases:  # noqa: SIM110 - a generator would cost as much again, on every permit
        if phrase in words:
            return True
    return False
