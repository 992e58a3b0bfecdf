"""Any permit that a message version can write, for hypothesis: built from the shape, so limits are kept."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from gateway.codec import leaves as classic
from gateway.codec.binding import Leaf, Shape
from gateway.codec.v3 import leaves as d22a
from gateway.codec.versions import VERSIONS
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text

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
addresses = st.sampled_from(["https://list.example/", "urn:example:list", "", "list"])
amounts = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6
) | st.integers(-(10**17), 10**17).map(Decimal)
zones = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
moments = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=zones).map(  # noqa: DTZ001 - bounds
    lambda moment: moment.replace(fold=0)
)


def more(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Some of the further attributes of D22A, in the order of their names."""
    kinds = {"URI": addresses, "ame": words}
    chosen = st.fixed_dictionaries({}, optional={name: kinds.get(name[-3:], tokens) for name in names})
    return chosen.map(lambda found: tuple(sorted(found.items())))


LEAVES: dict[Leaf, st.SearchStrategy[Any]] = {
    classic.PLAIN_TEXT: st.builds(Text, words),
    classic.PLAIN_IDENTIFIER: st.builds(Identifier, tokens),
    classic.PLAIN_CODE: st.builds(Code, tokens),
    classic.TEXT: st.builds(Text, words, attributes),
    classic.IDENTIFIER: st.builds(Identifier, tokens, attributes, attributes),
    classic.CODE: st.builds(Code, tokens, attributes, attributes),
    classic.QUANTITY: st.builds(Quantity, amounts, attributes),
    classic.MOMENT: moments,
    classic.INDICATOR: st.booleans(),
    d22a.TEXT: st.builds(Text, words, attributes, more(d22a.OF_TEXT)),
    d22a.IDENTIFIER: st.builds(Identifier, tokens, attributes, attributes, more(d22a.OF_IDENTIFIER)),
    d22a.CODE: st.builds(Code, tokens, attributes, attributes, more(d22a.OF_CODE)),
    d22a.QUANTITY: st.builds(Quantity, amounts, attributes, more(d22a.OF_QUANTITY)),
    d22a.MOMENT: moments,
    d22a.FORMATTED_MOMENT: moments.map(lambda moment: moment.replace(microsecond=0)),
    d22a.INDICATOR: st.booleans(),
}


@st.composite
def permits(draw: st.DrawFn, version: str) -> Permit:
    """
    Any permit that `version` carries whole, from sparse to one that fills every field.

    Leaf values are drawn into small pools and dealt out by a seeded dice: drawing each of the thousand
    leaves of a full permit would take seconds.
    """
    root = VERSIONS[version].shape
    used = sorted(_leaves(root), key=list(LEAVES).index)
    pools = {leaf: draw(st.lists(LEAVES[leaf], min_size=1, max_size=4)) for leaf in used}
    identifiers = LEAVES[root.bound("number")[1].content]
    number = draw(st.none() | identifiers.filter(lambda number: 0 < len(number.value) <= 35))
    density = draw(st.sampled_from([0.2, 0.7, 1.0]))
    dice = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - a dice for tests, not for keys

    def value(content: Shape | Leaf) -> Any:
        return build(content) if isinstance(content, Shape) else dice.choice(pools[content])

    def build(shape: Shape) -> Any:
        fields = {}
        for field in shape.fields():
            if field.many:
                most = 2 if field.most is None else field.most
                times = dice.randint(0, most) if density < 1 else 1
                fields[field.name] = tuple(value(field.content) for _ in range(times))
            elif field.name == "context" or dice.random() < density:
                fields[field.name] = value(field.content)
        return shape.model(**fields)

    return replace(build(root), number=number)


def _leaves(shape: Shape) -> set[Leaf]:
    """The kinds of leaf that a version uses."""
    found: set[Leaf] = set()
    for field in shape.fields():
        found |= _leaves(field.content) if isinstance(field.content, Shape) else {field.content}
    return found
