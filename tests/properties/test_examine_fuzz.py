"""Whatever the bytes are, the examination ends with findings: never with an exception, never with a hang."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.codec.examine import examine
from gateway.codec.profile import Profile
from gateway.rendering.report_html import report_html
from gateway.rendering.report_text import report_text

FIXTURES = Path(__file__).parents[2] / "fixtures"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEEDS = sorted(
    [
        *(FIXTURES / "permits").glob("*.xml"),
        *(FIXTURES / "permits" / "v1").glob("*.xml"),
        *(FIXTURES / "permits" / "v3").glob("*.xml"),
        *(FIXTURES / "permits" / "senders").glob("*.xml"),
        *(FIXTURES / "sealed").glob("sealed-p256.xml"),
    ]
)
SMALL = [path for path in SEEDS if path.stat().st_size < 20_000]
VALUES = (
    "",
    " ",
    "?",
    "0",
    "-1",
    "1e9",
    "NaN",
    "9" * 40,
    "2026-02-30T00:00:00Z",
    "2028-02-29T24:00:00Z",
    "20261123",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "true",
    "I",
    "II",
    "W",
    "OW",
    "XX",
    "ZZ",
    "CH",
    "KGM",
    "LIV",
    "\u041a\u043e\u0431\u0440\u0430",
    "أفعى",
    "眼镜蛇",
    "\u202egnp",
    "a" * 5000,
    "{0}",
    "%s",
    "<b>",
    "&amp;",
    "861",
    "911",
    "A-CH-501",
    "x" * 36,
)


def _copy(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element))  # noqa: TID251 - our own


def _elements(root: etree._Element) -> list[etree._Element]:
    return [element for element in root.iter() if isinstance(element.tag, str)]


def _fill(victim: etree._Element, dice: Random, _all: list[etree._Element]) -> None:
    victim.text = dice.choice(VALUES)


def _remove(victim: etree._Element, _dice: Random, _all: list[etree._Element]) -> None:
    parent = victim.getparent()
    if parent is not None:
        parent.remove(victim)


def _repeat(victim: etree._Element, dice: Random, _all: list[etree._Element]) -> None:
    parent = victim.getparent()
    if parent is not None:
        parent.insert(dice.randint(0, len(parent)), _copy(victim))


def _leave_namespace(victim: etree._Element, _dice: Random, _all: list[etree._Element]) -> None:
    victim.tag = etree.QName(victim).localname


def _rename(victim: etree._Element, dice: Random, everything: list[etree._Element]) -> None:
    victim.tag = dice.choice(everything).tag


def _attribute(victim: etree._Element, dice: Random, _all: list[etree._Element]) -> None:
    victim.set(dice.choice(("languageID", "unitCode", "listID", "schemeID", "x")), dice.choice(VALUES))


def _comment(victim: etree._Element, _dice: Random, _all: list[etree._Element]) -> None:
    victim.append(etree.Comment("x"))


def _transplant(victim: etree._Element, dice: Random, everything: list[etree._Element]) -> None:
    dice.choice(everything).append(_copy(victim))


def _empty(victim: etree._Element, _dice: Random, _all: list[etree._Element]) -> None:
    for child in list(victim):
        victim.remove(child)


CHANGES = (
    _fill,
    _remove,
    _repeat,
    _leave_namespace,
    _rename,
    _attribute,
    _comment,
    _transplant,
    _empty,
)


def mutated(root: etree._Element, dice: Random) -> None:
    """Change a tree in some of the ways in which programs and people go wrong."""
    for _ in range(dice.randint(1, 6)):
        everything = _elements(root)
        dice.choice(CHANGES)(dice.choice(everything), dice, everything)


def survives(data: bytes) -> None:
    """Both profiles give a report, and the report can be drawn."""
    for profile in Profile:
        examination = examine(data, name="fuzzed.xml", at=AT, profile=profile)
        assert examination.conclusion in {"PASSED", "FAILED"}
        assert examination.report.accepted or examination.report.errors
        assert all(finding.message for finding in examination.report.findings)
        for language in ("en", "fr"):
            assert list(report_text(examination, data, language))
        assert report_html(examination, data, "es").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("seed", SMALL, ids=lambda path: path.stem)
@given(dice=st.randoms(use_true_random=False))
def test_changed_trees(seed: Path, dice: Random) -> None:
    """Elements removed, repeated, renamed, moved, filled with other values."""
    root = etree.fromstring(seed.read_bytes())  # noqa: TID251 - our own
    mutated(root, dice)
    survives(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


@given(seed=st.sampled_from(SEEDS), dice=st.randoms(use_true_random=False))
def test_changed_bytes(seed: Path, dice: Random) -> None:
    """Bytes flipped, cut, doubled."""
    data = bytearray(seed.read_bytes())
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data))
        match dice.randint(0, 3):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : at + dice.randint(1, 200)]
            case 2:
                data[at:at] = data[at : at + dice.randint(1, 200)]
            case _:
                del data[at:]
        if not data:
            break
    survives(bytes(data))


@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Bytes that never were a permit."""
    survives(data)
