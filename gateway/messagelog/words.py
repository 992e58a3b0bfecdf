"""The words of a text, as somebody looks for them: without capitals, accents and marks."""

import re
import unicodedata

LONGEST = 64
"""Characters of a word that count; no language of ours has a longer one, and a base64 lump is no word."""

MOST = 500
"""Words of one text that count, the first ones; a sentence for an operator has far fewer."""

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> tuple[str, ...]:
    """
    The different words of a text, sorted.

    A word is a run of letters and digits, so `permit_invalid` has two, and a rule `validity.export-too-long`
    four: whoever looks for the rule finds it, and whoever looks for `export` too.
    """
    spread = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    found = dict.fromkeys(word.group()[:LONGEST] for word in _WORD.finditer(plain))
    return tuple(sorted(list(found)[:MOST]))
