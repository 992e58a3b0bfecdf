"""The form on paper."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.requirements import program
from unit.rendering.drawing import AT, FILES, bare, form, full, leaves, permit, shown, with_texts

from gateway.permits.model import Marks, Package
from gateway.permits.quantities import Quantity
from gateway.permits.values import Identifier, Text
from gateway.rendering.form import Seal
from gateway.rendering.paper import needs_shaping
from gateway.rendering.pdf import to_pdf

LEATHER = permit("ch-export-reptile-leather")


SHORT = replace(LEATHER, lines=LEATHER.lines[:1])


def draw(permit_, language="en", seal=None):
    """The bytes of the paper form."""
    return to_pdf(form(permit_, language, seal), created=AT)


def pages(data):
    """How many pages a document has."""
    return len(re.findall(rb"/Type /Page\b", data))


def extract(data, tmp_path, order="-raw"):
    """The texts of a document, without white space, in the order of drawing or (`-nopgbrk`) of reading."""
    file = tmp_path / "form.pdf"
    file.write_bytes(data)
    command = [program("pdftotext"), order, "-enc", "UTF-8", file, "-"]
    return bare(subprocess.run(command, check=True, capture_output=True).stdout.decode())  # noqa: S603


def many(count):
    """A permit of so many lines."""
    letters = [f"{index}" for index in range(count)]
    line = LEATHER.lines[0]
    lines = tuple(
        replace(line, ids=(Identifier(letter),), packages=(Package(Quantity(Decimal(7000 + index), "NAR")),))
        for index, letter in enumerate(letters)
    )
    return replace(LEATHER, lines=lines)


@pytest.mark.parametrize("file", [f for f in FILES if f.stem != "every-element"], ids=lambda file: file.stem)
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_an_ordinary_permit_fits_on_one_page(file, language):
    """The form is one page, as the paper form is."""
    assert pages(draw(permit(file.stem), language)) == 1


def test_the_same_input_gives_the_same_bytes():
    """Nothing but the permit and the moment goes into the bytes."""
    drawn = form(LEATHER)
    first = to_pdf(drawn, created=AT)
    assert b"D:20261123120000" in first
    assert first == to_pdf(drawn, created=AT)
    assert first != to_pdf(drawn, created=datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_nothing_is_lost(language, tmp_path):
    """Each value of a permit that fills every element is on the form or on a continuation sheet."""
    every = full()
    text = extract(draw(every, language), tmp_path)
    missing = {shown(leaf, language) for leaf in leaves(every) if shown(leaf, language) not in text}
    assert not missing


def test_a_cut_text_is_repeated_in_full(tmp_path):
    """A special condition that does not fit says so on the form and stands in full on a sheet."""
    words = " ".join(f"word{index}" for index in range(900))
    data = draw(replace(LEATHER, special_conditions=(Text(words),)))
    text = extract(data, tmp_path)
    assert pages(data) > 1
    assert bare("… in full on a continuation sheet") in text
    assert bare(words) in text


def test_sheets_repeat_the_identity_of_the_permit(tmp_path):
    """Number, type and date of issue, status and verdict stand on every sheet, with page x of y."""
    data = draw(many(20), seal=Seal("FAILED", "it was changed"))
    text, count = extract(data, tmp_path), pages(data)
    assert count >= 3
    head = (
        "Permit or certificate number: CH-2026-000123 Type: Export permit Date of issue: 2026-11-16 09:30:00"
    )
    assert text.count(bare(head)) == count - 1
    assert text.count("SIGNATUREFAILED") == count
    for page in range(1, count + 1):
        assert bare(f"Page {page} of {count}") in text
    for index in range(20):
        assert f"{7000 + index}NAR" in text


def test_five_hundred_lines():
    """The largest permit that is expected is drawn; the runner's own limit says that it does not hang."""
    assert pages(draw(many(500))) > 50


def test_other_scripts_are_drawn(tmp_path):
    """Cyrillic, Arabic and Chinese have letters; what no font has is boxed and named at the end."""
    line = replace(LEATHER.lines[0], marks=(Marks((Text("Ж 扬子鳄 \u1200"),)),))
    data = draw(replace(LEATHER, special_conditions=(Text("شركة الخيال"),), lines=(line,)))
    text = extract(data, tmp_path)
    assert "Ж扬子鳄□" in text
    assert bare("U+1200 ETHIOPIC SYLLABLE HA") in text
    assert "U+0634" not in text
    assert pages(data) == 2


def test_arabic_runs_from_right_to_left_line_by_line(tmp_path):
    """A text of several lines begins on the first one; only then does each line run from right to left."""
    words = "شركة تجارة منتجات جلدية محدودة " * 6
    data = draw(replace(LEATHER, special_conditions=(Text(words + "نهاية"),)))
    text = extract(data, tmp_path, "-nopgbrk")
    arabic = re.sub("[^\u0620-\u064a]", "", text)
    assert arabic == bare(words + "نهاية")


def test_only_what_needs_it_is_shaped():
    """Letters that join, stack or run from right to left; others would only take longer."""
    assert needs_shaping("شركة")
    assert needs_shaping("q\u0301")
    assert not needs_shaping("Épicerie Ж 扬子鳄 12/3")


@pytest.mark.parametrize(
    "text",
    [
        "W" * 400,
        "x/" * 200,
        "a" + "\n" * 99 + "a",
        "q\u0301" * 99,
        "扬" * 200,
        "ش" * 99,
        "{nb}",
        "\ue000" * 6,
    ],
)
def test_extreme_texts_are_drawn(text):
    """No text breaks the drawing, wherever it stands: what is cut is repeated on sheets."""
    assert pages(draw(with_texts(SHORT, text), seal=Seal("FAILED", text))) >= 1


def test_the_number_of_pages_is_no_text_of_the_document(tmp_path):
    """Nothing that a document holds is replaced by the number of pages."""
    text = extract(draw(replace(LEATHER, special_conditions=(Text("{nb} \ue000\ue000"),))), tmp_path)
    assert "{nb}[U+E000][U+E000]" in text


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_drawn(text):
    """Whatever Unicode has can stand in every field."""
    drawn = form(with_texts(LEATHER, text))
    assert to_pdf(drawn, created=AT).startswith(b"%PDF")
