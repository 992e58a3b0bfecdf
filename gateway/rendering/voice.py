"""The words of a drawing in one language: sentences, meanings of codes, names of countries, moments."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from babel import Locale

from gateway.permits.codes import CodeList, Status, code_lists
from gateway.wording import say, translated

_NO_ZONE = say("no time zone")
_UNLISTED = say("not in the code list")


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks one of the working languages of the Convention."""

    language: str
    """One of `gateway.wording.LANGUAGES`."""

    def __call__(self, words: str) -> str:
        """A sentence made with `say`, in this language."""
        return translated(words, self.language)

    def code(self, codes: CodeList, code: str) -> str:
        """The code with its meaning, for example `T: Commercial`."""
        entry = codes.get(code)
        return f"{code}: {self(entry.meaning) if entry else self(_UNLISTED)}"

    def document_type(self, code: str) -> str:
        """A code of UNTDID 1001 with its meaning; the letters of permits count too."""
        return self.code(code_lists().permit_type if code.isalpha() else code_lists().untdid_1001, code)

    def country(self, code: str) -> str:
        """
        The code of a country with its name.

        Names come from the Unicode CLDR by way of Babel; those of the codes that only CITES has, and of
        countries that are no more, from the code list.
        """
        entry = code_lists().country.get(code)
        if entry is not None and entry.status is Status.CURRENT:
            name = _locale(self.language).territories.get(code)
            return f"{code}: {name or self(entry.meaning)}"
        return self.code(code_lists().country, code)

    def moment(self, moment: datetime) -> str:
        """Date, time and zone as written, for example `2027-05-15 23:59:59 +01:00`."""
        text = moment.replace(tzinfo=None).isoformat(sep=" ")
        zone = moment.isoformat(sep=" ")[len(text) :]
        if moment.microsecond:
            text = text.rstrip("0")
        if not zone:
            return f"{text} ({self(_NO_ZONE)})"
        return f"{text} {'UTC' if moment.tzinfo is UTC else zone}"


@cache
def _locale(language: str) -> Locale:
    """The locale data of one of our languages, read once."""
    return Locale(language)
