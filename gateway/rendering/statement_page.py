"""The page on which a statement is pasted or scanned, and its verdict; works without a script."""

from functools import cache
from pathlib import Path

from gateway.rendering.pages import page
from gateway.rendering.statement_view import StatementView
from gateway.rendering.voice import Voice
from gateway.wording import LANGUAGES, say

_TEMPLATES = Path(__file__).resolve().parent / "templates"
NAMES = {"en": "English", "fr": "Français", "es": "Español"}
"""The languages by their own names."""


def statement_page(language: str, *, text: str = "", view: StatementView | None = None) -> str:
    """The page; `text` stands in the form, `view` is what was found out about it."""
    voice = Voice(language)
    words = {
        "title": voice(say("Check the QR code of a CITES permit")),
        "intro": voice(
            say(
                "Paste the text that a scanner of QR codes shows, or scan the code with the camera where the "
                "browser can. It is checked here against the certificates that this gateway knows; nobody "
                "else is asked."
            )
        ),
        "label": voice(say("Text of the code")),
        "check": voice(say("Check")),
        "scan": voice(say("Scan with the camera")),
        "stop": voice(say("Stop the camera")),
        "no_camera": voice(say("The camera cannot be used here: paste the text.")),
        "looking": voice(say("Hold the code in front of the camera.")),
        "compare": voice(say("Now compare the paper with what the issuer states:")),
        "checks": voice(say("What was checked")),
        "states": voice(say("What the issuer states")),
        "proven": voice(say("Proven:")),
        "unproven": voice(say("Not proven:")),
        "line": voice(say("Line")),
        "specimens": voice(say("Specimens")),
        "quantity": voice(say("Quantity")),
        "appendix": voice(say("Appendix and source")),
    }
    return page(
        "check.html.j2",
        language=language,
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        words=words,
        text=text,
        view=view,
    )


def warm() -> None:
    """Read everything that the page needs, in every language; the first visitor would block the loop."""
    for name in ("check.css", "check.js"):
        page_file(name)
    for language in LANGUAGES:
        Voice(language).country("CH")
        statement_page(language)


@cache
def page_file(name: str) -> str:
    """The style sheet or the script of the page: `check.css` or `check.js`."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")
