"""A signed statement on the form, and its check in words; zxing, which none of us wrote, reads the codes."""

import re
from dataclasses import replace

import pytest
import zxingcpp
from support.keys import NOW, seal
from support.permits import line
from support.statements import barred, in_hand, issuers, listed, made
from unit.rendering.drawing import AT, form, permit

from gateway.errors import MalformedRequest
from gateway.flows.check_statement import check_statement
from gateway.permits.notices import PermitStatus
from gateway.rendering.html import to_html
from gateway.rendering.paper import Paper
from gateway.rendering.pdf import to_pdf
from gateway.rendering.reference import BORDER, statement_symbol, symbol_of
from gateway.rendering.sheets import LARGEST_STATEMENT, SYMBOL
from gateway.rendering.statement_page import page_file, statement_page
from gateway.rendering.statement_text import statement_text
from gateway.rendering.statement_view import view_of
from gateway.wording import LANGUAGES

PIXELS = 3
"""Of one module."""


def scanned(matrix):
    """The texts that a scanner reads from a drawn matrix."""
    side = (len(matrix) + 2 * BORDER) * PIXELS
    picture = bytearray(b"\xff" * side * side)
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            for y in range(PIXELS if dark else 0):
                begin = ((row + BORDER) * PIXELS + y) * side + (column + BORDER) * PIXELS
                picture[begin : begin + PIXELS] = bytes(PIXELS)
    # Of QR codes alone: in a thousand random modules there is a bar code of some kind now and then.
    kinds = zxingcpp.BarcodeFormat.QRCode
    found = zxingcpp.read_barcodes(memoryview(bytes(picture)).cast("B", (side, side)), formats=kinds)
    return [each.text for each in found]


def report(text=None, lists=None):
    """What a check says."""
    return check_statement(
        made().text if text is None else text,
        issuers(),
        in_hand(listed()) if lists is None else lists,
        at=NOW,
    )


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
@pytest.mark.parametrize("count", [1, 3, 6, 30])
def test_a_scanner_reads_the_statement(algorithm, count):
    """Of either kind of key, with few lines and with many."""
    text = made(
        seal(algorithm=algorithm), lines=tuple(line(f"L{n}", f"Species number{n}") for n in range(count))
    ).text
    assert scanned(statement_symbol(text).matrix) == [text]


def test_a_code_has_an_end():
    """The last text that fits into a QR code of version 40-L, and the first that does not."""
    assert statement_symbol("x" * 2953).designator == "40-L"
    with pytest.raises(MalformedRequest):
        statement_symbol("x" * 2954)


def drawn(monkeypatch, filled):
    """The side and the matrix of each QR code on the PDF of a form."""
    seen = []
    monkeypatch.setattr(
        Paper, "squares", lambda _self, _x, _y, side, matrix, _border: seen.append((side, matrix))
    )
    to_pdf(filled, created=AT)
    return seen


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_the_pdf_draws_the_statement_in_place_of_the_reference(monkeypatch, algorithm):
    """Larger than the reference, and no larger than there is room for."""
    text = made(seal(algorithm=algorithm)).text
    plain = form(permit("ch-reexport-caviar"))
    ((side, matrix),) = drawn(monkeypatch, plain)
    assert (side, scanned(matrix)) == (SYMBOL, [plain.reference])
    ((side, matrix),) = drawn(monkeypatch, replace(plain, statement=text))
    assert SYMBOL < side <= LARGEST_STATEMENT
    assert scanned(matrix) == [text]


def test_the_page_draws_the_statement():
    """And says so to whoever cannot see it."""
    text = made().text
    page = to_html(replace(form(permit("ch-reexport-caviar")), statement=text))
    path = re.search(
        r'<path[^>]* d="([^"]+)"', statement_symbol(text).svg_inline(border=BORDER, omitsize=True)
    )
    assert path is not None
    assert path[1] in page
    assert 'aria-label="QR code with a signed statement about this permit"' in page
    assert text not in page


def test_without_a_statement_the_code_holds_the_reference():
    """As before."""
    code = symbol_of("CITES:1:CH:E:00:1", "")
    assert code is not None
    assert scanned(code.matrix) == ["CITES:1:CH:E:00:1"]


def test_the_text_says_the_verdict_first():
    """Good, not good, and check with the issuer."""
    assert statement_text(report(), "en").startswith("✓ GOOD\n")
    assert statement_text(report("x"), "en").startswith("✗ NOT GOOD\n")
    assert statement_text(report(lists=()), "en").startswith("? CHECK WITH THE ISSUER\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_every_language(language):
    """Verdict, checks, what is proven and what is not; the page says which language it is in."""
    for lists in (in_hand(listed()), in_hand(barred(PermitStatus.STOLEN)), ()):
        found = report(lists=lists)
        text, page = statement_text(found, language), statement_page(language, view=view_of(found, language))
        assert f'<html lang="{language}">' in page
        english = statement_text(found, "en")
        assert (text == english) is (language == "en")
        assert "CH-2026-000123" in text
        for sentence in view_of(found, language).unproven:
            assert sentence in text


def test_what_an_issuer_writes_cannot_deceive():
    """Markup is text, and characters that nobody sees are named."""
    name = "<b>\u202e&x"
    found = report(made(lines=(line(species=name),)).text)
    page = statement_page("en", text="</textarea><script>", view=view_of(found, "en"))
    assert "&lt;b&gt;[U+202E]&amp;x" in page
    assert "</textarea><script>" not in page
    assert "\u202e" not in statement_text(found, "en")


def test_the_page_has_no_script_inside():
    """Its Content-Security-Policy would stop it; the script is a file of its own."""
    page = statement_page("en")
    assert re.findall(r"<script[^>]*>(.*?)</script>", page) == [""]
    assert not re.findall(r"\son\w+=|style=|<style", page)
    assert '<link rel="icon" href="data:,">' in page  # else each visit asks for one, and is logged as refused
    assert "BarcodeDetector" in page_file("check.js")
    assert "innerHTML" not in page_file("check.js")
