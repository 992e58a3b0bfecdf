"""
Sentences that can be said in English, French and Spanish.

The English sentence is written where it is said: `say("{line} has no quantity", line=...)`. It is text like
any other, and it remembers its template and its values, so that a page can say it again in another language.
The translations stand in `locales/<language>.po`, the format that translators' tools read.
"""

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from gateway.errors import ConfigurationError, MalformedRequest

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr", "es")
"""The working languages of the Convention."""

LONGEST_SENTENCE = 2_000
"""
Characters; in a longer one every value is cut to `LONGEST_VALUE`. The list of all countries has 1,000.

A code of 64 KB in each of many lines made findings of 5 MB, in the log and in a receipt that was then too
long for the partner to read (attack 15).
"""
LONGEST_VALUE = 500

_LOCALES = Path(__file__).resolve().parent / "locales"


class Words(str):
    """English text that remembers how it was made."""

    __slots__ = ("template", "values")
    template: str
    """The sentence with `{names}` where values go: the key of the translation."""
    values: Mapping[str, Any]
    """By name; a value that is `Words` itself is translated too."""

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Self:
        """Fill the template in English."""
        words = super().__new__(cls, template.format_map(values))
        words.template = template
        words.values = values
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        """Template and values survive the way to another process."""
        return Words, (self.template, dict(self.values))


def say(template: str, /, **values: Any) -> Words:
    """
    A sentence with its values.

    `template` must be a literal: the list of what has to be translated is read from the source. What a
    stranger wrote is not repeated at any length.
    """
    words = Words(template, values)
    if len(words) <= LONGEST_SENTENCE:
        return words
    return Words(template, {name: _shortened(value) for name, value in values.items()})


def _shortened(value: Any) -> Any:
    """A value that is not too long to be said; `Words` have been shortened when they were made."""
    text = str(value)
    if isinstance(value, Words) or len(text) <= LONGEST_VALUE:
        return value
    return text[:LONGEST_VALUE] + "..."


def phrase(text: str) -> Words:
    """Words that come from data, such as the meaning of a code; they have translations like any others."""
    return Words(text.replace("{", "{{").replace("}", "}}"), {})


def translated(text: str, language: str) -> str:
    """
    The same sentence in another language; in English when that language does not have it.

    Raises `MalformedRequest` for a language that is not one of `LANGUAGES`.
    """
    if language == ENGLISH:
        return str(text)
    entries = catalog(language)
    if not isinstance(text, Words):
        return entries.get(text, text)
    template = entries.get(text.template, text.template)
    values = {
        name: translated(value, language) if isinstance(value, Words) else value
        for name, value in text.values.items()
    }
    return template.format_map(values)


@cache
def catalog(language: str) -> Mapping[str, str]:
    """
    The translations of one language: from English template to template; empty for English.

    Raises `MalformedRequest` for another language and `ConfigurationError` for a broken file.
    """
    if language not in LANGUAGES:
        raise MalformedRequest(
            f"there is no language {language!r}", advice=f"choose one of {', '.join(LANGUAGES)}"
        )
    if language == ENGLISH:
        return MappingProxyType({})
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - only who reads another language pays

    try:
        with (_LOCALES / f"{language}.po").open("rb") as file:
            messages = read_po(file, locale=language, abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise ConfigurationError(
            f"the translations into {language} cannot be read: {error}", advice="install the package again"
        ) from error
    return MappingProxyType({str(m.id): str(m.string) for m in messages if m.id and m.string})


def placeholders(template: str) -> frozenset[str]:
    """The names that a template fills in."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)
