"""What the QR code says."""

from dataclasses import replace

import pytest
from unit.rendering.drawing import DIGEST, permit

from gateway.permits.values import Identifier
from gateway.rendering.reference import MAX_SYMBOL_BYTES, reference, symbol

LEATHER = permit("ch-export-reptile-leather")


def test_the_reference_says_which_permit_and_which_bytes():
    """Issuer, type, digest, number; it is no address (promise 10)."""
    text = reference(LEATHER, DIGEST)
    assert text == "CITES:1:CH:E:0123456789abcdef0123456789abcdef:CH-2026-000123"
    assert "//" not in text


@pytest.mark.parametrize("number", ["26/CH:0417-A", "", "№ 7/Ж", "a b"])
def test_the_number_may_hold_anything(number):
    """The number comes last, so that it can be cut off after the fifth colon."""
    text = reference(replace(LEATHER, number=Identifier(number)), DIGEST)
    assert text.split(":", 5)[5] == number


def test_what_is_missing_is_empty():
    """A permit that says nothing has a reference all the same."""
    assert reference(type(LEATHER)(), DIGEST) == "CITES:1:::0123456789abcdef0123456789abcdef:"


def test_the_symbol_holds_the_reference():
    """The code is one that survives damage, in the smallest version that holds the text."""
    code = symbol(reference(LEATHER, DIGEST))
    assert code is not None
    assert (code.error, code.mode, code.is_micro) == ("M", "byte", False)
    assert code.version == 4


def test_another_text_is_another_symbol():
    """The modules depend on the text."""
    codes = [symbol(reference(LEATHER, digest)) for digest in (DIGEST, DIGEST[::-1])]
    assert codes[0].matrix != codes[1].matrix


def test_no_symbol_that_nobody_can_read():
    """A number that is too long for a code of this size gets none."""
    assert symbol("x" * MAX_SYMBOL_BYTES) is not None
    assert symbol("x" * (MAX_SYMBOL_BYTES + 1)) is None
    assert symbol("Ж" * MAX_SYMBOL_BYTES) is None
