"""The form as a page: for a screen of any width, and for A4 paper. No script, nothing from elsewhere."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

from gateway.rendering.entries import Box
from gateway.rendering.form import CONVENTION, MARKS, Form
from gateway.rendering.pages import page
from gateway.rendering.reference import BORDER, symbol_of
from gateway.rendering.voice import Voice
from gateway.wording import say

SHORT_ENTRIES, SHORT_TEXT = 24, 1500
"""Entries and characters of a box that is well below a page high."""

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}")
"""A language code that a browser knows what to do with (RFC 5646)."""


def to_html(form: Form) -> str:
    """One page that needs nothing but itself; its Content-Security-Policy forbids all else."""
    style = _style()
    return page(
        "form.html.j2",
        form=form,
        words=words_of(form),
        marks=MARKS,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        symbol=symbol(form),
        lang=lang,
        short=short,
    )


def words_of(form: Form) -> dict[str, str]:
    """The fixed words of the page."""
    voice, stated = Voice(form.language), bool(form.statement)
    return {
        "convention": voice(CONVENTION),
        "unused": voice(say("(not used)")),
        "no_line": voice(say("(no such line)")),
        "line": voice(say("Line")),
        "sheet": voice(say("Continuation sheet")),
        "reference": voice(say("Reference")),
        "symbol": voice(
            say("QR code with a signed statement about this permit")
            if stated
            else say("QR code with the reference of this permit")
        ),
    }


def lang(code: str) -> Markup:
    """The attribute that says in which language a text is; nothing for what is no language code."""
    return Markup(' lang="{}"').format(code.lower()) if _LANGUAGE.fullmatch(code) else Markup()


def short(box: Box) -> bool:
    """Whether the content of a box may stand in two columns: what is longer than a page cannot."""
    return len(box.entries) <= SHORT_ENTRIES and sum(len(each.text) for each in box.entries) <= SHORT_TEXT


def symbol(form: Form) -> Markup | None:
    """The QR code as a drawing inside the page; None when the reference is too long."""
    code = symbol_of(form.reference, form.statement)
    if code is None:
        return None
    return Markup(code.svg_inline(border=BORDER, omitsize=True, light="#fff"))  # noqa: S704 - made by segno


@cache
def _style() -> str:
    """The style sheet."""
    return (_TEMPLATES / "form.css").read_text(encoding="utf-8")
