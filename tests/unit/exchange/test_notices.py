"""Notices as XML."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchange import CH_CUSTOMS, REF
from support.keys import NOW
from support.notices import change, endorsement, reversal, written

from gateway import resources
from gateway.errors import MalformedRequest, SchemaInvalid, UnknownDocument
from gateway.exchange.message import Kind
from gateway.exchange.notices import KINDS, kind_of, read, require_writable, trusted, write
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.lifecycle import CHANGES
from gateway.permits.notices import Endorsement, PermitStatus, Reversal, Side, StatusChange, WrittenOff
from gateway.permits.quantities import Quantity
from gateway.xmlio.names import EXCHANGE
from gateway.xmlio.parse import parse

XS = "{http://www.w3.org/2001/XMLSchema}"
ID = "0193a6c0-0000-7000-8000-000000000001"
FULL = Endorsement(
    ID,
    REF,
    CH_CUSTOMS,
    NOW,
    Side.EXPORT,
    date(2026, 11, 24),
    "CH002571 Zürich <Flughafen> & Fracht",
    officer="4711",
    customs_document="26CH0000000000001",
    customs_document_type="N830",
    transport_document="724-12345675",
    remarks="two boxes\nwere open\r\t",
    lines=(written("10.50", unit="KGM", dead="0.5"), written("1", "B")),
)

text = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="￾￿") | st.sampled_from("\t\n\r"),
    min_size=1,
    max_size=100,
)
amounts = st.decimals(0, 10**17, allow_nan=False, allow_infinity=False, places=6)
uuids = st.uuids(version=4).map(str)
moments = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
authorities = st.builds(
    AuthorityId.parse, st.from_regex(r"[A-Z]{2}:(MA|CUSTOMS|HUB)(-[A-Za-z0-9]{1,20})?", fullmatch=True)
)
refs = st.builds(
    PermitRef.of,
    st.from_regex(r"[A-Z]{2}", fullmatch=True),
    text.filter(lambda number: number.isprintable() and len(number) <= 35),
)
heads = (uuids, refs, authorities, moments)
lines = st.lists(
    st.builds(
        WrittenOff,
        st.from_regex(r"[!-~]{1,35}", fullmatch=True),
        st.builds(Quantity, amounts, st.none() | st.from_regex(r"[A-Z0-9]{1,10}", fullmatch=True)),
        amounts,
    ),
    min_size=1,
    max_size=4,
).map(tuple)
changes = st.builds(StatusChange, *heads, st.sampled_from(sorted(CHANGES)), text)
reversals = st.builds(Reversal, *heads, uuids, text)
endorsements = st.builds(
    Endorsement,
    *heads,
    st.sampled_from(Side),
    st.dates(date(1900, 1, 1)),
    text,
    text | st.just(""),
    text,
    st.from_regex(r"[A-Za-z0-9]{0,10}", fullmatch=True),
    text | st.just(""),
    text | st.just(""),
    lines,
)


def root_of(data):
    """The document element of foreign bytes."""
    return parse(data).root


@given(changes | reversals | endorsements)
def test_what_is_written_is_read_again(notice):
    """Everything survives, the schema accepts it, and the same notice has the same bytes."""
    data = write(notice)
    assert read(root_of(data)) == notice
    assert trusted(root_of(data)) == notice
    assert write(read(root_of(data))) == data


def test_stable_bytes():
    """Partners keep digests of these bytes: they do not change from one version to the next."""
    assert write(FULL).decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<ex:Endorsement xmlns:ex="{EXCHANGE}"><ex:ID>{ID}</ex:ID><ex:Issuer>CH</ex:Issuer>'
        "<ex:Number>CH-2026-000123</ex:Number><ex:By>CH:CUSTOMS</ex:By>"
        f"<ex:At>{NOW:%Y-%m-%dT%H:%M:%S.%fZ}</ex:At><ex:Side>export</ex:Side><ex:Day>2026-11-24</ex:Day>"
        "<ex:Office>CH002571 Zürich &lt;Flughafen&gt; &amp; Fracht</ex:Office><ex:Officer>4711</ex:Officer>"
        '<ex:CustomsDocument type="N830">26CH0000000000001</ex:CustomsDocument>'
        "<ex:TransportDocument>724-12345675</ex:TransportDocument>"
        "<ex:Remarks>two boxes\nwere open&#13;\t</ex:Remarks>"
        '<ex:Line line="A" unit="KGM" dead="0.5">10.50</ex:Line><ex:Line line="B">1</ex:Line>'
        "</ex:Endorsement>"
    )
    assert read(root_of(write(FULL))) == FULL


def test_each_kind_of_notice_has_its_kind_of_message():
    assert kind_of(change()) is Kind.STATUS
    assert kind_of(endorsement()) is kind_of(reversal(endorsement())) is Kind.ENDORSEMENT
    assert set(KINDS) == {"StatusChange", "Endorsement", "Reversal"}


def test_the_schema_knows_the_statuses_that_can_be_said():
    """No more and no fewer than the table."""
    schema = parse((resources.schemas() / "exchange" / "notice.xsd").read_bytes()).root
    listed = schema.findall(f".//{XS}simpleType[@name='StatusType']//{XS}enumeration")
    assert {each.get("value") for each in listed} == {status.value for status in CHANGES}


@pytest.mark.parametrize(
    "broken",
    [
        replace(change(), reason=""),
        replace(change(), reason="x" * 1001),
        replace(change(), status=PermitStatus.USED),
        replace(endorsement(), office=""),
        replace(endorsement(), office="x" * 101),
        replace(endorsement(), lines=()),
        endorsement(written("1", line="A B")),
        endorsement(written("1", line="x" * 36)),
        endorsement(WrittenOff("A", Quantity(Decimal(-1)))),
        endorsement(WrittenOff("A", Quantity(Decimal("1e18")))),
        endorsement(written("1", unit="KILO-GRAM")),
        replace(reversal(endorsement()), reverses="the one of yesterday"),
        replace(reversal(endorsement()), reason=""),
        replace(endorsement(), remarks="bell \a"),
        replace(endorsement(), remarks="half \ud800"),
        endorsement(*(written("1", f"L{n}") for n in range(1001))),
    ],
)
def test_what_partners_could_not_read_is_not_written(broken):
    with pytest.raises(MalformedRequest) as caught:
        require_writable(broken)
    assert caught.value.advice


@pytest.mark.parametrize(
    "fitting",
    [
        replace(change(), reason="x" * 1000),
        replace(endorsement(), office="x" * 100),
        endorsement(WrittenOff("x" * 35, Quantity(Decimal("999999999999999999.123456789012345678")))),
        endorsement(*(written("1", f"L{n}") for n in range(1000))),
    ],
)
def test_the_largest_that_fits(fitting):
    require_writable(fitting)
    assert read(root_of(write(fitting))) == fitting


def test_another_document_is_none():
    with pytest.raises(UnknownDocument, match="Envelope"):
        read(root_of(f'<ex:Envelope xmlns:ex="{EXCHANGE}"/>'.encode()))
    with pytest.raises(UnknownDocument):
        read(root_of(write(FULL).replace(EXCHANGE.encode(), b"urn:another")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<ex:Issuer>CH<", "<ex:Issuer>CHE<"),
        ("<ex:By>CH:CUSTOMS<", "<ex:By>CH:POLICE<"),
        ("2026-11-24<", "2026-02-30<"),
        ("Z</ex:At>", "</ex:At>"),
        (">10.50<", ">-10.50<"),
        (">10.50<", ">1e3<"),
        ('line="A"', ""),
        ("<ex:Side>export<", "<ex:Side>transit<"),
        ("<ex:Office>", "<ex:Office><!-- -->"),
        ("</ex:Endorsement>", "<ex:More/></ex:Endorsement>"),
    ],
)
def test_what_does_not_fit_is_refused(old, new):
    data = write(FULL).decode()
    assert old in data
    with pytest.raises(SchemaInvalid):
        read(root_of(data.replace(old, new).encode()))
