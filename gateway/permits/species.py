"""
The list of CITES species: which names there are, in which Appendix they stand, where the species live.

The list is data that somebody imports: `permits/checklist.py` reads the public export,
`permits/species_file.py` keeps it, and this file looks names up in it. Nothing is worked out before the first
question.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from gateway.permits import species_file
from gateway.permits.names import MAX_LENGTH, Name, key_of, parents, read_name
from gateway.permits.taxa import SEPARATOR, About, Group, LeftOut, Rank, Row, Taxon

MAX_SUGGESTIONS = 3
_NEAR = 0.75
"""How much alike two words must be (difflib's ratio) for one to be offered instead of the other."""
_MAX_REMEMBERED = 10_000
"""Names whose answer is kept: a bulk check asks for the same few thousand again and again."""


class How(StrEnum):
    """How a name was found."""

    EXACT = "exact"
    """As the list writes it, with or without author or `spp.`."""
    SPELLING = "spelling"
    """The same words in other capitals, spaces, accents or marks of rank."""
    SYNONYM = "synonym"
    """Not the accepted name."""
    PARENT = "parent"
    """A subspecies or variety that the list does not name: its species counts."""
    HYBRID = "hybrid"
    """A cross of two names of the list."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a name stands for."""

    taxa: tuple[Taxon, ...]
    """One; more for a hybrid, and for a synonym that was divided among several accepted names."""
    how: How

    @property
    def names(self) -> str:
        """The accepted names, for a sentence."""
        return ", ".join(taxon.name for taxon in self.taxa)


@dataclass(frozen=True, eq=False)
class SpeciesList:
    """A list of species. Two lists are equal only when they are the same object."""

    about: About
    groups: Sequence[Group]
    rows: Sequence[Row]
    left_out: tuple[LeftOut, ...] = ()
    """What was not taken when it was read from its source; empty when it was loaded."""
    _remembered: dict[str, Match | None] = field(default_factory=dict, init=False, repr=False)

    @property
    def dated(self) -> date:
        """The day whose listings it tells."""
        return self.about.dated

    def __len__(self) -> int:
        """Number of taxa."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Taxon]:
        """All taxa, in the order of their names."""
        return map(self.taxon, range(len(self.rows)))

    def taxon(self, number: int) -> Taxon:
        """The taxon at a place of the list, counted from 0; raises `IndexError` beyond its end."""
        id_, name, author, rank, group, listing, listed_as, countries, *lists = self.rows[number]
        synonyms, english, french, spanish = (tuple(text.split(SEPARATOR)) if text else () for text in lists)
        return Taxon(
            id_, name, author, Rank(rank), *self.groups[group], listing, listed_as, tuple(countries.split()),
            synonyms, english, french, spanish,
        )  # fmt: skip

    def find(self, text: str) -> Match | None:
        """
        What a scientific name stands for, as it is written in Box 7; None when the list does not have it.

        1. A hybrid of two names is found when both are.
        2. The accepted names, then the synonyms; author, `spp.`, capitals and marks of rank do not matter.
        3. A subspecies or variety that the list does not name counts as its species, unless it looks like a
           misspelling of one that the list names: that could stand in another Appendix.
        """
        text = text.strip()[:MAX_LENGTH]
        try:
            return self._remembered[text]
        except KeyError:
            match = self._find(text)
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[text] = match
        return match

    def near(self, text: str) -> tuple[str, ...]:
        """
        Accepted names that may have been meant by one that the list does not have: three, likeliest first.

        Looks where one of the two words is right, then where both are a little wrong, then at common names.
        For a hybrid, the names are those for the first parent that the list does not have.
        """
        if cross := parents(text):
            text = next((side for side in cross if self.find(side) is None), "")
        name = read_name(text)
        if not name.words:
            return ()
        scored = self._alike(name)
        if not scored:
            scored = dict.fromkeys(self._common_names.get(" ".join(text.lower().split()), ()), 1.0)
        best = sorted(scored, key=lambda row: (-scored[row], self.rows[row][1]))
        return tuple(self.rows[row][1] for row in best[:MAX_SUGGESTIONS])

    def warm(self) -> None:
        """Work out the indexes now, so that the first question is as quick as the second."""
        _ = self._by_epithet, self._genera_by_letter, self._common_names

    def _find(self, text: str) -> Match | None:
        """`find` without memory."""
        # 1
        if cross := parents(text):
            sides = [self.find(side) for side in cross]
            taxa = tuple(taxon for side in sides if side is not None for taxon in side.taxa)
            return Match(taxa, How.HYBRID) if all(sides) else None
        # 2
        name = read_name(text)
        if not name.words:
            return None
        match = self._look_up(f"{name.key} {name.capital}", text) if name.capital else None
        match = match or self._look_up(name.key, text)
        # 3
        return match or self._species_of(name, text)

    def _look_up(self, key: str, text: str) -> Match | None:
        """The taxon of a key: accepted, or by a synonym."""
        row = self._accepted.get(key)
        if row is not None:
            taxon = self.taxon(row)
            exact = text == taxon.name or text.startswith(f"{taxon.name} ")
            return Match((taxon,), How.EXACT if exact else How.SPELLING)
        rows = self._synonyms.get(key)
        return Match(tuple(map(self.taxon, rows)), How.SYNONYM) if rows else None

    def _species_of(self, name: Name, text: str) -> Match | None:
        """The species of a subspecies that is not in the list and not nearly in it."""
        *above, epithet = name.words
        species = " ".join(above)
        match = self._look_up(species, text) if len(name.words) > 2 else None  # noqa: PLR2004 - genus and species
        if match is None:
            return None
        start = f"{species} "
        named = [key[len(start) :] for key in self._by_genus[name.words[0]] if key.startswith(start)]
        if difflib.get_close_matches(epithet, named, n=1, cutoff=_NEAR):
            return None
        return match if match.how is How.SYNONYM else Match(match.taxa, How.PARENT)

    def _alike(self, name: Name) -> dict[int, float]:
        """Rows with a name like this one, and how much alike (0 to 1)."""
        genus, *epithets = name.words
        rest = " ".join(epithets) or name.capital
        keys: dict[str, float] = {}
        if rest:
            keys |= _scores(rest, {key.partition(" ")[2]: key for key in self._by_genus.get(genus, ())})
            keys |= _scores(genus, {key.partition(" ")[0]: key for key in self._by_epithet.get(rest, ())})
        if not keys:
            genera = difflib.get_close_matches(genus, self._genera_by_letter.get(genus[0], ()), cutoff=_NEAR)
            for other in genera:
                keys |= _scores(rest, {key.partition(" ")[2]: key for key in self._by_genus[other]})
        scored: dict[int, float] = {}
        for key, score in keys.items():
            rows = [self._accepted[key]] if key in self._accepted else self._synonyms[key]
            for row in rows:
                scored[row] = max(score, scored.get(row, 0.0))
        return scored

    @cached_property
    def _accepted(self) -> dict[str, int]:
        """Row by key of the accepted name."""
        return {key_of(row[1]): number for number, row in enumerate(self.rows)}

    @cached_property
    def _synonyms(self) -> dict[str, list[int]]:
        """Rows by key of a synonym."""
        found = dict[str, list[int]]()
        for number, row in enumerate(self.rows):
            if row[8]:
                for synonym in row[8].split(SEPARATOR):
                    found.setdefault(key_of(synonym), []).append(number)
        return found

    @cached_property
    def _by_genus(self) -> dict[str, list[str]]:
        """All keys, accepted and not, by their first word."""
        found = dict[str, list[str]]()
        for keys in (self._accepted, self._synonyms):
            for key in keys:
                found.setdefault(key.partition(" ")[0], []).append(key)
        return found

    @cached_property
    def _by_epithet(self) -> dict[str, list[str]]:
        """All keys by what follows their first word."""
        found = dict[str, list[str]]()
        for keys in self._by_genus.values():
            for key in keys:
                if epithet := key.partition(" ")[2]:
                    found.setdefault(epithet, []).append(key)
        return found

    @cached_property
    def _genera_by_letter(self) -> dict[str, list[str]]:
        """First words of keys by their first letter: few people misspell that one."""
        found = dict[str, list[str]]()
        for genus in self._by_genus:
            found.setdefault(genus[0], []).append(genus)
        return found

    @cached_property
    def _common_names(self) -> dict[str, list[int]]:
        """Rows by common name in small letters, of all languages."""
        found = dict[str, list[int]]()
        for number, row in enumerate(self.rows):
            for names in row[9:]:
                for common in names.split(SEPARATOR) if names else ():
                    found.setdefault(common.lower(), []).append(number)
        return found


def load(path: Path) -> SpeciesList:
    """
    Read the file that `ecites species import` wrote.

    Raises `ConfigurationError` when it is missing, of another version, or broken.
    """
    return SpeciesList(*species_file.read(path))


def _scores(word: str, candidates: dict[str, str]) -> dict[str, float]:
    """The keys whose word is most like this one, with the ratio; an empty word is like an empty one only."""
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(word)
    found: dict[str, float] = {}
    for other in difflib.get_close_matches(word, candidates, n=MAX_SUGGESTIONS, cutoff=_NEAR):
        matcher.set_seq1(other)
        found[candidates[other]] = matcher.ratio()
    return found
