"""Reading and writing v2, for any permit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.codec import schema
from gateway.codec.binding import Leaf, Shape
from gateway.codec.leaves import CODE, IDENTIFIER, INDICATOR, MOMENT, PLAIN_CODE, QUANTITY, TEXT
from gateway.codec.registry import encode, inspect
from gateway.codec.v2.read import read
from gateway.codec.v2.shape import PERMIT
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.xmlio.parse import parse

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)

words = st.text(
    st.characters(
        exclude_categories=("Cs",),
        exclude_characters=[chr(c) for c in range(32) if c not in (9, 10, 13)] + ["\ufffe", "\uffff"],
    ),
    max_size=12,
)
tokens = words.map(lambda text: " ".join(part for part in text.replace("\t", " ").split(" ") if part)).map(
    lambda text: text.replace("\n", "").replace("\r", "").strip(" ")
)
attributes = st.none() | tokens
zones = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
LEAVES = {
    TEXT: st.builds(Text, words, attributes),
    IDENTIFIER: st.builds(Identifier, tokens, attributes, attributes),
    CODE: st.builds(Code, tokens, attributes, attributes),
    PLAIN_CODE: st.builds(Code, tokens),
    QUANTITY: st.builds(
        Quantity,
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6)
        | st.integers(-(10**17), 10**17).map(Decimal),
        attributes,
    ),
    MOMENT: st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=zones).map(  # noqa: DTZ001 - bounds
        lambda moment: moment.replace(fold=0)
    ),
    INDICATOR: st.booleans(),
}


@st.composite
def permits(draw) -> Any:
    """
    Any permit that v2 can write, from sparse to one that fills every field.

    Leaf values are drawn into small pools and dealt out by a seeded dice: drawing each of the thousand
    leaves of a full permit would take seconds.
    """
    pools = {leaf: draw(st.lists(values, min_size=1, max_size=4)) for leaf, values in LEAVES.items()}
    number = draw(st.none() | LEAVES[IDENTIFIER].filter(lambda number: 0 < len(number.value) <= 35))
    density = draw(st.sampled_from([0.2, 0.7, 1.0]))
    dice = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - a dice for tests, not for keys

    def value(content: Shape | Leaf) -> Any:
        return build(content) if isinstance(content, Shape) else dice.choice(pools[content])

    def build(shape: Shape) -> Any:
        fields = {}
        for field in shape.fields():
            if field.many:
                fields[field.name] = tuple(
                    value(field.content) for _ in range(dice.randint(0, 2) if density < 1 else 1)
                )
            elif field.name == "context" or dice.random() < density:
                fields[field.name] = value(field.content)
        return shape.model(**fields)

    return replace(build(PERMIT), number=number)


@given(permits())
def test_reading_what_was_written_gives_the_same_permit(permit):
    """read(write(p)) == p, to the last digit, zone and space; what is written fits the schema."""
    document = parse(encode(permit))
    again = read(document.root).permit
    assert again == permit
    assert repr(again) == repr(permit)
    assert schema.check("v2", document.root) == ()


@given(permits())
def test_judging_never_fails(permit):
    """Whatever a document says, as long as it fits the schema, it gets a report with places."""
    report = inspect(parse(encode(permit)), at=AT).report
    for finding in report.findings:
        assert finding.path.startswith("/CITESEPermit")
        assert finding.line is not None
