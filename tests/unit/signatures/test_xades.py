"""The signed properties: what we write is XAdES baseline B, what we read is closed, and both are proven."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from signxml.processor import get_schema
from support.keys import KINDS, NOW, careless, certificate_for, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import SignatureRefused
from gateway.signatures import verify as verifying
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.signatures.verdict import SubIndication
from gateway.signatures.verify import verify
from gateway.xmlio.names import XADES, clark
from gateway.xmlio.parse import parse

FORMAT = SubIndication.FORMAT_FAILURE
POLICY = SubIndication.SIG_CONSTRAINTS_FAILURE
HASH = SubIndication.HASH_FAILURE
ASK_ALWAYS = replace(DEFAULT_POLICY, oracle_share=1.0)


def with_properties(key=None):
    """A permit sealed with signing time and signing certificate."""
    return sign(parse(permit_bytes()).root, key or seal(), at=NOW)


def refused(root, *, key=None):
    """The sub-indication with which a tree is refused, on both paths."""
    with pytest.raises(SignatureRefused) as error:
        verify(parse(etree.tostring(root)), [(key or seal()).certificate], at=NOW, policy=ASK_ALWAYS)
    assert not error.value.verdict.alarm
    return error.value.verdict.sub


def find(root, local):
    """The first element of that name."""
    return next(root.iter("{*}" + local))


@pytest.fixture
def root():
    """A sealed permit with properties, free to be changed."""
    return parse(with_properties()).root


@pytest.mark.parametrize("kind", KINDS)
def test_the_claimed_signing_time_is_kept(kind):
    """The signing time is signed, read, and handed on as a claim; signxml accepts the same document."""
    key = seal(algorithm=kind)
    proven = verify(parse(with_properties(key)), [key.certificate], at=NOW, policy=ASK_ALWAYS)
    assert proven.signing_time == NOW


def test_a_seal_without_properties_claims_no_time():
    """Partners without XAdES stay acceptable."""
    assert verify(parse(sealed_bytes()), [seal().certificate], at=NOW).signing_time is None


def test_signing_with_a_time_is_deterministic():
    """The same moment gives the same bytes, so that fixtures can be rebuilt."""
    assert with_properties() == with_properties()


def test_the_properties_fit_the_schema_of_etsi(root):
    """QualifyingProperties validates against XAdES 1.3.2, the signature against XML Signature."""
    schema = get_schema("XAdES01903v132-201601.xsd")
    assert schema.validate(find(root, "QualifyingProperties")), schema.error_log
    signature = parse(etree.tostring(root[-1])).root
    assert get_schema("xmldsig1-schema.xsd").validate(signature)
    find(root, "SigningTime").text = "yesterday"
    assert not schema.validate(find(root, "QualifyingProperties"))


def test_a_changed_signing_time_is_refused(root):
    """The second reference covers the properties."""
    find(root, "SigningTime").text = "2026-11-23T11:00:00Z"
    assert refused(root) is HASH


def test_another_certificate_with_the_same_key_is_refused():
    """A certificate put in the place of the signer's, for the same key, is not the one that was signed."""
    key = seal()
    other = certificate_for(key.private_key, name="somebody else")
    data = parse(with_properties(key)).root
    find(data, "KeyInfo").getparent().remove(find(data, "KeyInfo"))
    with pytest.raises(SignatureRefused) as error:
        verify(parse(etree.tostring(data)), [other], at=NOW)
    assert error.value.verdict.sub is POLICY


def test_the_check_of_the_named_certificate_is_what_stops_it(monkeypatch):
    """With the guard off the exchanged certificate passes: the test above tests that guard."""
    monkeypatch.setattr(verifying, "_check_named_certificate", lambda shape, certificate: None)
    key = seal()
    data = parse(with_properties(key)).root
    find(data, "KeyInfo").getparent().remove(find(data, "KeyInfo"))
    other = certificate_for(key.private_key, name="somebody else")
    assert verify(parse(etree.tostring(data)), [other], at=NOW).certificate == other


@pytest.mark.parametrize("local", ["SigningTime", "SigningCertificateV2", "CertDigest", "SignedProperties"])
@pytest.mark.parametrize("how", ["missing", "twice"])
def test_a_property_missing_or_there_twice_is_refused(root, local, how):
    """Each property stands exactly once."""
    element = find(root, local)
    if how == "twice":
        element.addnext(copy.deepcopy(element))
    else:
        element.getparent().remove(element)
    assert refused(root) is FORMAT


def test_unsigned_properties_are_refused(root):
    """What no signature covers has no place in the document."""
    etree.SubElement(find(root, "QualifyingProperties"), clark(XADES, "UnsignedProperties"))
    assert refused(root) is FORMAT


def test_a_second_object_is_refused(root):
    """There is one Object, and it holds the properties."""
    find(root, "Object").addnext(copy.deepcopy(find(root, "Object")))
    assert refused(root) is FORMAT


def test_an_object_without_its_reference_is_refused(root):
    """Properties that the signature does not cover are not read."""
    references = root[-1][0].findall("{*}Reference")
    references[1].getparent().remove(references[1])
    assert refused(root) is FORMAT


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("URI", "#seal"), ("URI", ""), ("URI", "#x"), ("Type", "urn:other"), ("Type", None)],
)
def test_the_second_reference_names_the_properties(root, attribute, value):
    """The second reference leads to the signed properties and nowhere else."""
    reference = root[-1][0].findall("{*}Reference")[1]
    if value is None:
        del reference.attrib[attribute]
    else:
        reference.set(attribute, value)
    assert refused(root) is POLICY


def test_properties_of_another_signature_are_refused(root):
    """Target names the signature that the properties belong to."""
    find(root, "QualifyingProperties").set("Target", "#other")
    assert refused(root) is FORMAT


@pytest.mark.parametrize(
    "text", ["", "2026-11-23", "2026-11-23T12:00:00", "2026-13-23T12:00:00Z", "x" * 5000]
)
def test_a_signing_time_that_is_no_moment_is_refused(root, text):
    """A time without zone names no moment; a month 13 does not exist."""
    find(root, "SigningTime").text = text
    assert refused(root) is FORMAT


def test_the_signing_time_is_written_in_utc():
    """A moment in another zone is the same moment."""
    at = datetime(2026, 11, 23, 13, 0, tzinfo=UTC) - timedelta(hours=1)
    root = parse(sign(parse(permit_bytes()).root, seal(), at=at)).root
    assert find(root, "SigningTime").text == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    "name", ["id", "ID", "iD", "Id", "{http://www.w3.org/XML/1998/namespace}id", "{urn:x}Id"]
)
@pytest.mark.parametrize("sealing", [sealed_bytes, with_properties])
def test_an_attribute_called_id_is_refused_anywhere_else(name, sealing):
    """However it is written and whatever its namespace: a genuine seal over such a document is refused."""
    root = parse(permit_bytes()).root
    root[0].set(name, "permit")
    data = careless(root, seal(), at=NOW if sealing is with_properties else None)
    assert refused(parse(data).root) is FORMAT


def test_the_same_id_twice_inside_the_signature_is_refused():
    """Two elements with one Id would let two verifiers see two things."""
    root = parse(with_properties()).root
    find(root, "SignedProperties").set("Id", "seal")
    assert refused(root) is FORMAT


def test_a_key_of_the_same_name_is_not_the_key():
    """A stranger who copies name and properties is a stranger."""
    key = seal()
    stranger = SigningKey(seal("other").private_key, seal("other").certificate)
    assert (
        refused(parse(with_properties(stranger)).root, key=key) is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    )
