"""
Scientific names as people write them, and the form in which two of them are compared.

A name is compared by its words alone: genus and epithets in small letters. What people add is understood and
left out: the author and the year, `spp.`, the marks of rank (`subsp.`, `ssp.`, `var.`), the hybrid sign, a
subgenus in brackets, white space, capitals and accents.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_LENGTH = 200
"""Characters of a name that are looked at; the longest name of a listed species has fewer than 60."""
MAX_WORD = 60
"""Characters of one word that are looked at, so that comparing a hostile name costs little."""
MAX_WORDS = 3
"""Genus, species and one epithet below: the names of the Appendices go no deeper."""

HYBRID = "\N{MULTIPLICATION SIGN}"

_OPEN = frozenset({"sp", "spp", "species", "hybrid", "hybrids", "hyb"})
"""Words that say: a species of this genus or family, and not which."""
_RANKS = {
    "subsp": "subsp.",
    "ssp": "subsp.",
    "subspecies": "subsp.",
    "var": "var.",
    "variety": "var.",
    "f": "f.",
    "forma": "f.",
}
"""Marks of a rank below the species, and how we write them."""
_AUTHORS = frozenset({"al", "and", "apud", "auct", "da", "de", "del", "den", "der", "des", "di", "du", "e",
                      "et", "ex", "fil", "in", "la", "le", "nec", "nom", "non", "sensu", "van", "von", "y",
                      "zu"})  # fmt: skip
"""Small words that stand in the names of authors and of their books, and are no epithets."""

_EDGES = ".,;:'\"`"
_EPITHET = re.compile(r"[a-z][a-z-]+")
_WORD = re.compile(r"[^\W\d_][^\W\d_-]*(?:-[^\W\d_]+)*")
_FORMULA = re.compile(rf"\s+[{HYBRID}xX]\s+(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that was read."""

    words: tuple[str, ...] = ()
    """Genus (or higher taxon), epithet of the species, epithet below, in small letters; empty for no name."""
    display: str = ""
    """As it is usually written: capital genus, hybrid sign, mark of the rank; no author, no `spp.`."""
    capital: str = ""
    """A capitalised word after the name, in small letters: the author, or an epithet that was capitalised."""

    @property
    def key(self) -> str:
        """The form in which names are compared."""
        return " ".join(self.words)


def read_name(text: str) -> Name:
    """
    Read a name as it stands in Box 7 or in a list.

    Reads what it can and raises nothing; text that does not begin with a word gives a name without words.
    """
    tokens = _plain(text).replace(HYBRID, f" {HYBRID} ").split()
    shouted = not any(character.islower() for character in text)
    words: list[str] = []
    display: list[str] = []
    capital = mark = ""
    for place, token in enumerate(tokens):
        word = token.strip(_EDGES)
        small = word.lower()[:MAX_WORD]
        if word in (HYBRID, "x") or (shouted and word == "X"):
            display.append(HYBRID)
        elif not words:
            if not _WORD.fullmatch(word):
                break
            words.append(small)
            display.append(small.capitalize())
        elif small in _OPEN:
            break
        elif small in _RANKS and len(words) > 1:
            mark = _RANKS[small]
        elif _is_subgenus(token, tokens[place + 1 : place + 2], words):
            continue
        elif len(words) < MAX_WORDS and _is_epithet(word, small, shouted=shouted):
            words.append(small)
            display += [mark, small] if mark else [small]
            mark = ""
        else:
            capital = small if _WORD.fullmatch(word) and word[0].isupper() else ""
            break
    return Name(tuple(words), " ".join(display) if words else "", capital)


def key_of(name: str) -> str:
    """The form in which a name in the usual form (`Name.display`) is compared; quick, for whole lists."""
    return name.lower() if name.isascii() and "." not in name else read_name(name).key


def parents(text: str) -> tuple[str, str] | None:
    """
    The names of the two parents of a hybrid written as `Aus bus x Cus dus` or `Aus bus x dus`.

    None when it is not written so; `Aus x bus` is a name of its own. The sign may be that of multiplication.
    """
    first, *others = _FORMULA.split(text[:MAX_LENGTH].strip(), maxsplit=1)
    words = read_name(first).words
    if not others or len(words) < 2:  # noqa: PLR2004 - genus and species
        return None
    second = others[0]
    return first, second if second[0].isupper() else f"{words[0].capitalize()} {second}"


def _plain(text: str) -> str:
    """Without accents, and with ordinary letters and spaces."""
    decomposed = unicodedata.normalize("NFKD", text[:MAX_LENGTH])
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _is_subgenus(token: str, following: list[str], words: list[str]) -> bool:
    """Whether a word in brackets stands between genus and epithet, where no author can stand."""
    return (
        len(words) == 1
        and token.startswith("(")
        and token.endswith(")")
        and bool(following)
        and _EPITHET.fullmatch(following[0]) is not None
    )


def _is_epithet(word: str, small: str, *, shouted: bool) -> bool:
    """Whether a word is in the form of an epithet; where all is in capitals, the case says nothing."""
    return _EPITHET.fullmatch(small if shouted else word) is not None and small not in _AUTHORS
