"""Whatever a permit says: its statement fits into a code that can be read, and says the same then."""

from hypothesis import given
from hypothesis import strategies as st
from support.keys import KINDS, NOW, seal

from gateway.flows.make_statement import _signed
from gateway.permits.identity import PermitRef
from gateway.permits.statement import (
    KIND,
    LONGEST_STATEMENT,
    LONGEST_TEXT,
    MOST_LINES,
    BriefLine,
    Statement,
    from_claims,
)
from gateway.rendering.reference import statement_symbol
from gateway.signatures.compact import Ceiling, read_compact, verify_compact

CEILING = Ceiling(2953, 16 * 1024)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_TEXT)
NUMBERS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=35)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Any statement, with texts of any script."""
    lines = draw(st.lists(st.builds(BriefLine, *[WORDS] * 7), max_size=MOST_LINES))
    return Statement(
        PermitRef.of("CH", draw(NUMBERS)),
        draw(st.sampled_from("ERIO")),
        draw(st.binary(min_size=32, max_size=32)).hex(),
        NOW,
        draw(st.sampled_from([None, NOW])),
        NOW,
        NOW.date(),
        draw(st.sampled_from(["", "FR"])),
        tuple(lines),
        draw(st.integers(len(lines), 10_000)),
    )


@given(statement=statements(), algorithm=st.sampled_from(KINDS))
def test_a_statement_survives_the_way_through_the_code(statement: Statement, algorithm: str) -> None:
    """Lines are left out at the end, nothing else; what is read is what was made."""
    key = seal(algorithm=algorithm)
    made = _signed(statement, key)
    assert len(made.text) <= LONGEST_STATEMENT
    assert statement_symbol(made.text).version <= 27
    proven = verify_compact(
        read_compact(made.text, kind=KIND, ceiling=CEILING), [key.certificate], ceiling=CEILING
    )
    read = from_claims(proven.claims)
    assert read == made.statement
    assert read.lines == statement.lines[: len(read.lines)]
    assert read.line_count == statement.line_count
