from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.exchange import CH_CUSTOMS, CH_MA, DIGEST, FINDING, FR_CUSTOMS, FR_MA, receipt
from support.keys import KINDS, NOW, seal

from gateway.errors import GatewayError, ReceiptRefused, SchemaInvalid, UnknownDocument
from gateway.exchange.receipts import MAX_CHARACTERS, MAX_FINDINGS, Outcome, build, check_belongs, read
from gateway.permits.findings import Area, Finding, Report, Severity
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.names import EXCHANGE, clark
from gateway.xmlio.parse import parse


def travelled(made):
    """A receipt after it was built, sent and read."""
    return read(parse(etree.tostring(build(made))).root)


WARNING = Finding("x.y", Severity.WARNING, Area.CODES, "look at it")


@pytest.mark.parametrize("outcome", Outcome)
def test_a_receipt_comes_out_as_it_went_in(outcome):
    """Every field survives, with each outcome."""
    made = receipt(outcome=outcome)
    assert travelled(made) == made


def test_findings_come_out_as_they_went_in():
    """Findings with all fields, and with as few as possible, survive in their order."""
    made = receipt(
        outcome=Outcome.REFUSED, findings=(FINDING, WARNING, replace(FINDING, message="<ü> & \"'\n"))
    )
    assert travelled(made) == made


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=50).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)


@given(
    message=words, path=words, line=st.one_of(st.none(), st.integers(1, 10**9)), area=st.sampled_from(Area)
)
def test_any_words_of_a_finding_survive(message, path, line, area):
    """Whatever a rule quotes from a document reaches the sender unchanged."""
    finding = replace(FINDING, message=message, path=path, line=line, area=area)
    assert travelled(receipt(findings=(finding,))).findings == (finding,)


@given(text=st.text(max_size=30))
def test_a_receipt_can_be_made_whatever_a_finding_says(text):
    """A character that XML cannot carry, such as one in a stranger's certificate, never stops an answer."""
    finding = replace(FINDING, message=f"signed by {text}", path=text)
    assert travelled(receipt(findings=(finding,))).findings[0].rule == finding.rule


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_receipt_can_be_read_once_verified(kind):
    """The signature is no finding: a verified receipt has exactly the findings that were written."""
    key, made = seal("fr gateway", algorithm=kind), receipt(findings=(FINDING,))
    proven = verify(parse(sign(build(made), key)), [key.certificate], at=NOW)
    assert read(proven.root) == made


def test_no_more_findings_than_the_schema_allows_are_sent():
    """A receipt carries the first hundred findings and stays valid."""
    many = tuple(replace(WARNING, message=str(number)) for number in range(MAX_FINDINGS + 50))
    assert travelled(receipt(findings=many)).findings == many[:MAX_FINDINGS]


def test_the_longest_sentence_and_path_and_not_one_character_more():
    """A sender whose names and values are long gets a receipt that it can read."""
    whole = replace(FINDING, message="m" * MAX_CHARACTERS, path="/" * MAX_CHARACTERS)
    assert travelled(receipt(findings=(whole,))).findings == (whole,)
    longer = replace(whole, message=whole.message + "m", path=whole.path + "/")
    assert travelled(receipt(findings=(longer,))).findings == (whole,)


def test_an_area_of_a_newer_gateway_can_be_read():
    """A partner may know areas that we do not: the finding is kept as one about the document."""
    root = build(receipt(findings=(WARNING,)))
    root[8].set("area", "customs-valuation")
    found = read(parse(etree.tostring(root)).root).findings[0]
    assert found.area is Area.DOCUMENT
    assert found.message == WARNING.message


@pytest.mark.parametrize(
    ("position", "text"),
    [
        (0, "x"),
        (1, ""),
        (2, "FR"),
        (3, "CH:BOSS"),
        (4, "now"),
        (5, "ab"),
        (6, DIGEST.upper()),
        (7, "perhaps"),
    ],
)
def test_a_value_outside_the_schema_is_refused(position, text):
    """Each field of a receipt has one form."""
    root = build(receipt())
    root[position].text = text
    with pytest.raises(SchemaInvalid):
        read(parse(etree.tostring(root)).root)


@pytest.mark.parametrize("position", range(8))
def test_a_missing_field_is_refused(position):
    """Nothing but the findings is optional."""
    root = build(receipt())
    root.remove(root[position])
    with pytest.raises(SchemaInvalid):
        read(parse(etree.tostring(root)).root)


@pytest.mark.parametrize(
    ("name", "value"), [("severity", "fatal"), ("line", "0"), ("line", "x"), ("unknown", "1"), ("rule", None)]
)
def test_a_finding_outside_the_schema_is_refused(name, value):
    """Severity, line and the names of attributes are checked."""
    root = build(receipt(findings=(FINDING,)))
    if value is None:
        del root[8].attrib[name]
    else:
        root[8].set(name, value)
    with pytest.raises(SchemaInvalid):
        read(parse(etree.tostring(root)).root)


def test_another_document_is_unknown():
    """An envelope is no receipt."""
    with pytest.raises(UnknownDocument):
        read(etree.Element(clark(EXCHANGE, "Envelope")))


def test_a_moment_that_only_xml_knows_is_refused():
    """24:00:00 is allowed by xs:dateTime and unknown to Python: a refusal, not a crash."""
    root = build(receipt())
    root[4].text = "2026-11-23T24:00:00Z"
    with pytest.raises(GatewayError):
        read(parse(etree.tostring(root)).root)


OURS = {"envelope_digest": DIGEST, "sender": CH_MA, "recipient": FR_MA}


def test_a_receipt_for_our_message_belongs():
    """Same id, same bytes, and the two authorities in their exchanged places."""
    made = receipt()
    check_belongs(made, message_id=made.message_id, **OURS)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"message_id": "01a20846-fe00-731f-8ae0-c5146ef7c466"}, "message id"),
        ({"envelope_digest": "ef" * 32}, "digest of the envelope"),
        ({"sender": FR_CUSTOMS}, "sender"),
        ({"recipient": CH_CUSTOMS}, "recipient"),
        ({"sender": CH_MA, "recipient": FR_MA}, "sender"),
    ],
)
def test_a_receipt_for_something_else_is_refused(change, what):
    """One difference is enough, and the sentence names it with both values."""
    made = receipt()
    with pytest.raises(ReceiptRefused) as error:
        check_belongs(replace(made, **change), message_id=made.message_id, **OURS)
    assert f"its {what} is" in error.value.message
    assert str(next(iter(change.values()))) in error.value.message


@pytest.mark.parametrize(
    ("severities", "outcome"),
    [
        ([], Outcome.ACCEPTED),
        ([Severity.INFO], Outcome.ACCEPTED),
        ([Severity.INFO, Severity.WARNING], Outcome.ACCEPTED_WITH_WARNINGS),
        ([Severity.WARNING, Severity.ERROR], Outcome.REFUSED),
    ],
)
def test_the_outcome_follows_the_gravest_finding(severities, outcome):
    """One error refuses; a warning accepts with warnings; information changes nothing."""
    report = Report(tuple(replace(WARNING, severity=severity) for severity in severities))
    assert Outcome.of(report) is outcome
    assert outcome.accepted is (outcome is not Outcome.REFUSED)


def test_an_unreadable_payload_is_not_accepted():
    """NOT_READABLE is no acceptance."""
    assert not Outcome.NOT_READABLE.accepted
