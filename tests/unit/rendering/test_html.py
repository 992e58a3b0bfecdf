"""The form as a page."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from unit.rendering.drawing import FILES, bare, form, full, leaves, permit, shown, with_texts

from gateway.permits.values import Identifier, Text
from gateway.rendering.entries import Box, Entry
from gateway.rendering.form import Seal
from gateway.rendering.html import SHORT_ENTRIES, SHORT_TEXT, lang, short, to_html

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}</style><!--"
TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "ul",
        "li",
        "strong",
        "span",
        "svg",
        "path",
        "section",
        "b",
        "bdi",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "footer",
    ]
)
ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
        "dir",
        "role",
        "aria-label",
        "aria-hidden",
        "viewbox",
        "transform",
        "stroke",
        "fill",
        "d",
        "xmlns",
    ]
)


class Page(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, page):
        """Read the page."""
        super().__init__()
        self.tags, self.attributes, self.texts, self.headings = set(), set(), [], []
        self.languages = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Note the element."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.languages.setdefault(dict(attrs).get("lang"), tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)

    def handle_data(self, data):
        """Note the text."""
        self.texts.append(data)

    @property
    def text(self):
        """All texts without white space."""
        return bare("".join(self.texts))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_a_page_is_made_of_known_parts(file, language):
    """No script, no style outside the one element, nothing that loads anything."""
    page = Page(to_html(form(permit(file.stem), language)))
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_nothing_is_lost(language):
    """Each value of a permit that fills every element is on the page."""
    every = full()
    page = Page(to_html(form(every, language))).text
    missing = {shown(leaf, language) for leaf in leaves(every) if shown(leaf, language) not in page}
    assert not missing


def test_hostile_text_is_only_text():
    """What looks like markup or like a template stays text, in every field."""
    written = to_html(form(with_texts(permit("every-element"), HOSTILE), seal=Seal("FAILED", HOSTILE)))
    page = Page(written)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert bare(HOSTILE) in page.text
    assert "<script" not in written
    assert written.count("</style>") == 1


def test_the_policy_allows_exactly_the_one_style():
    """The hash in the Content-Security-Policy is that of the style sheet."""
    written = to_html(form(permit("ch-reexport-caviar")))
    style = re.search("<style>(.*?)</style>", written, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in written
    assert "url(" not in style
    assert "@import" not in style


def test_languages_are_said():
    """The page says its language, and each text its own when the document does."""
    page = Page(to_html(form(permit("ch-reexport-caviar"), "fr")))
    assert page.languages["fr"] == "html"
    assert page.languages["la"] == "p"


@pytest.mark.parametrize("code", ["", "?", 'x" onload="', "ENGLISH", "1"])
def test_no_attribute_is_made_of_what_is_no_language(code):
    """A language code that is none is left out."""
    assert lang(code) == ""


def test_text_finds_its_own_direction():
    """A text of the document is isolated from its label, so that Arabic does not reorder what is around."""
    arabic = replace(permit("ch-reexport-caviar"), special_conditions=(Text("شركة الخيال", "AR"),))
    assert '<p class="plain" dir="auto" lang="ar">شركة الخيال</p>' in to_html(form(arabic))


def test_only_short_boxes_stand_in_two_columns():
    """A browser makes a printed page smaller when two columns are longer than the page."""
    assert short(Box("13", "", (Entry("x" * SHORT_TEXT),)))
    assert not short(Box("13", "", (Entry("x" * (SHORT_TEXT + 1)),)))
    assert not short(Box("13", "", (Entry("x"),) * (SHORT_ENTRIES + 1)))


def test_headings_do_not_skip_a_level():
    """One h1; boxes are h2, boxes of a line h3 below the h2 of the line."""
    page = Page(to_html(form(permit("ch-reexport-caviar"))))
    assert page.headings[0] == "h1"
    assert page.headings.count("h1") == 1
    assert page.headings[page.headings.index("h3") - 1] == "h2"


def test_a_verdict_is_more_than_a_colour():
    """Words and a mark say what the colour says."""
    page = Page(to_html(form(permit("ch-reexport-caviar"), seal=Seal("FAILED", "it was changed"))))
    assert "✗SIGNATUREFAILEDitwaschanged" in page.text


def test_further_lines_repeat_what_they_belong_to():
    """The head of the continuation sheets names the permit and is repeated on each printed page."""
    leather = permit("ch-export-reptile-leather")
    lines = tuple(replace(leather.lines[0], ids=(Identifier(letter),)) for letter in "ABCDE")
    written = to_html(form(replace(leather, lines=lines)))
    head = re.search("<thead>(.*?)</thead>", written, re.DOTALL)[1]
    for text in ("CH-2026-000123", "Export permit", "2026-11-16 09:30:00 +01:00"):
        assert text in head
    assert "<thead>" not in to_html(form(leather))


def test_a_reference_that_is_too_long_has_no_symbol():
    """The page says the reference in words all the same."""
    number = Identifier("9" * 300)
    written = to_html(form(replace(permit("ch-reexport-caviar"), number=number)))
    assert "<svg" not in written
    assert bare("9" * 300) in Page(written).text
