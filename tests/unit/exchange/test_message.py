import contextlib
import copy
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.exchange import DIGEST, header
from support.keys import KINDS, NOW, seal
from support.permits import sealed_bytes

from gateway.errors import DocumentError, GatewayError, MalformedRequest, SchemaInvalid, UnknownDocument
from gateway.exchange.message import Kind, build, peek_header, read
from gateway.permits.identity import PermitRef
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.names import EXCHANGE, clark
from gateway.xmlio.parse import parse


def travelled(root):
    """The document element as the other side parses it."""
    return parse(etree.tostring(root)).root


def envelope(payload=b"<permit/>", **changes):
    """A built envelope, free to be changed."""
    return travelled(build(header(**changes), payload))


def of(root, local):
    """The first element with that name."""
    return next(root.iter(clark(EXCHANGE, local)))


def refused(root):
    """The error with which an envelope is refused."""
    with pytest.raises(GatewayError) as error:
        read(travelled(root))
    return error.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_envelope_brings_a_sealed_permit_unchanged(kind):
    """Signed, sent, verified and read: header and permit come out exactly as they went in."""
    key, payload, sent = seal("ch gateway", algorithm=kind), sealed_bytes(), header()
    data = sign(build(sent, payload), key)
    received = read(verify(parse(data), [key.certificate], at=NOW).root)
    assert received.header == sent
    assert received.payload == payload
    assert received.payload_digest == sha256_hex(payload)


@given(st.binary(max_size=2000))
def test_any_payload_comes_out_byte_for_byte(payload):
    """The envelope does not care what it carries: line ends, NUL bytes and nothing at all survive."""
    assert read(envelope(payload)).payload == payload


@given(
    number=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=35),
    issuer=st.from_regex(r"[A-Z]{2}", fullmatch=True),
)
def test_any_permit_number_comes_out_as_it_was_written(number, issuer):
    """Slashes, angle brackets and letters of any script survive in the reference."""
    reference = PermitRef.of(issuer, number)
    assert read(envelope(permit=reference)).header.permit == reference


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_keeps_its_microseconds(moment):
    """The time of sending is exact."""
    assert read(envelope(sent_at=moment)).header.sent_at == moment


def test_a_moment_of_another_zone_is_written_in_utc():
    """Envelopes speak UTC, whatever the sender's clock shows."""
    root = envelope(sent_at=NOW.astimezone(timezone(timedelta(hours=-7))))
    assert of(root, "SentAt").text == "2026-11-23T12:00:00.000000Z"
    assert read(root).header.sent_at == NOW


def test_the_header_can_be_peeked_at_before_the_signature_is_verified():
    """The claimed sender is known from the unverified tree, with a signature in it or not."""
    sent = header()
    assert peek_header(travelled(build(sent, b"x"))) == sent
    assert peek_header(parse(sign(build(sent, b"x"), seal())).root) == sent


def test_the_reading_of_base64_allows_line_breaks():
    """Other software folds base64; the bytes are the same."""
    root = envelope(bytes(range(200)))
    body = of(root, "Payload")
    body.text = "\n".join(body.text[n : n + 64] for n in range(0, len(body.text), 64))
    assert read(travelled(root)).payload == bytes(range(200))


def test_a_payload_with_another_digest_is_refused():
    """The declared digest must be that of the bytes, and the sentence tells the sender how to make it."""
    root = envelope()
    of(root, "Payload").set("sha256", DIGEST)
    error = refused(root)
    assert isinstance(error, SchemaInvalid)
    assert "does not have the digest" in error.message


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("MessageID", ""),
        ("MessageID", "not-a-uuid"),
        ("MessageID", "01A20846-FE00-731F-8AE0-C5146EF7C466"),
        ("ConversationID", "1"),
        ("Sender", "Switzerland"),
        ("Sender", "CH:"),
        ("Recipient", "FR:BOSS"),
        ("Kind", "gossip"),
        ("SentAt", "yesterday"),
        ("SentAt", "2026-11-23T12:00:00"),
        ("SentAt", "2026-11-23T12:00:00+01:00"),
        ("SentAt", "2026-02-30T12:00:00Z"),
        ("SentAt", "2026-11-23T12:00:00.1234567Z"),
        ("Issuer", "ch"),
        ("Number", ""),
        ("Number", "x" * 36),
        ("Payload", "not base64!"),
        ("Payload", "AAA"),
    ],
)
def test_a_value_outside_the_schema_is_refused(element, text):
    """Each field of the envelope has one form; another one is refused with the line where it stands."""
    root = envelope()
    of(root, element).text = text
    error = refused(root)
    assert isinstance(error, SchemaInvalid)
    assert error.fields.get("line") or "base64" in error.message


@pytest.mark.parametrize("attribute", ["sha256", "mediaType"])
@pytest.mark.parametrize("value", [None, "", "text/plain", DIGEST.upper()])
def test_an_attribute_outside_the_schema_is_refused(attribute, value):
    """Digest and media type of the payload are required and have one form."""
    root = envelope()
    if value is None:
        del of(root, "Payload").attrib[attribute]
    else:
        of(root, "Payload").set(attribute, value)
    assert isinstance(refused(root), SchemaInvalid)


@pytest.mark.parametrize(
    "element", ["Header", "Payload", "MessageID", "ConversationID", "Sender", "Recipient", "Kind", "SentAt",
                "PermitReference", "Issuer", "Number"],
)  # fmt: skip
def test_a_missing_element_is_refused(element):
    """Nothing in an envelope is optional but the signature."""
    root = envelope()
    of(root, element).getparent().remove(of(root, element))
    assert isinstance(refused(root), SchemaInvalid)


def test_an_element_more_is_refused():
    """What the schema does not know is refused, so that nobody believes that it was understood."""
    root = envelope()
    etree.SubElement(of(root, "Header"), clark(EXCHANGE, "Priority")).text = "high"
    assert isinstance(refused(root), SchemaInvalid)


@pytest.mark.parametrize(
    "data",
    [b"<Envelope/>", b'<Envelope xmlns="urn:x"/>', b'<Receipt xmlns="urn:ecites-gateway:exchange:1"/>'],
)
def test_another_document_is_unknown(data):
    """A permit, a receipt or anything else is no envelope, and the advice says where permits go."""
    with pytest.raises(UnknownDocument) as error:
        peek_header(parse(data).root)
    assert "/api/v1/permits" in error.value.advice


def test_a_moment_that_only_xml_knows_is_refused():
    """24:00:00 is allowed by xs:dateTime and unknown to Python: a refusal, not a crash."""
    root = envelope()
    of(root, "SentAt").text = "2026-11-23T24:00:00Z"
    assert isinstance(refused(root), (DocumentError, MalformedRequest))


@pytest.mark.parametrize("number", ["CH\n1", "CH\t1", "CH\u200b1"])
def test_a_number_that_cannot_be_printed_is_refused(number):
    """Line ends and invisible characters in a permit number are refused although the schema allows them."""
    root = envelope()
    of(root, "Number").text = number
    assert isinstance(refused(root), (DocumentError, MalformedRequest))


@pytest.mark.parametrize("parent", ["Envelope", "Header", "PermitReference", "MessageID", "Sender"])
@pytest.mark.parametrize("place", [0, 1, 6])
@pytest.mark.parametrize(
    "stray", [etree.Comment("x"), etree.ProcessingInstruction("p")], ids=["comment", "pi"]
)
def test_a_stray_comment_in_an_unverified_envelope_never_crashes_the_peek(parent, place, stray):
    """A comment anywhere in what is not yet verified gives the true header or a refusal of ours."""
    sent = header()
    root = build(sent, b"x")
    element = root if parent == "Envelope" else of(root, parent)
    element.insert(place, copy.copy(stray))
    with contextlib.suppress(DocumentError, MalformedRequest):
        assert peek_header(travelled(root)) == sent


def test_each_kind_is_known_to_the_schema():
    """A kind that is added must be added to the schema as well."""
    assert [kind.value for kind in Kind] == ["permit", "test", "status", "endorsement", "question"]
