"""Each test is one way to lie with a signature: the document is a genuine signer's, the lie is not."""

import base64
import copy
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree
from support.keys import KINDS, NOW, careless, certificate_for, private_key, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import NotSignable, SignatureRefused
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import DEFAULT_POLICY, ENVELOPED, SIGNATURE
from gateway.signatures.sign import sign
from gateway.signatures.verdict import Indication, SubIndication
from gateway.signatures.verified import VerifiedDocument
from gateway.signatures.verify import MAX_CANDIDATES, verify
from gateway.xmlio.names import DS, EXC_C14N, V2_MESSAGE, clark
from gateway.xmlio.parse import parse

FORMAT = SubIndication.FORMAT_FAILURE
HASH = SubIndication.HASH_FAILURE
CRYPTO = SubIndication.SIG_CRYPTO_FAILURE
POLICY = SubIndication.SIG_CONSTRAINTS_FAILURE
STRANGER = SubIndication.NO_SIGNING_CERTIFICATE_FOUND

ALONE, ASK_ALWAYS = (replace(DEFAULT_POLICY, oracle_share=share) for share in (0.0, 1.0))

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


@pytest.fixture(params=KINDS)
def key(request):
    """A registered key of each kind."""
    return seal(algorithm=request.param)


@pytest.fixture
def root(key):
    """The document element of a genuine sealed permit, free to be changed."""
    return parse(sealed_bytes(key=key)).root


def refused(thing, *trusted, at=NOW):
    """Verify a tree or bytes, expect a refusal, give the verdict."""
    data = thing if isinstance(thing, bytes) else etree.tostring(thing)
    found = set()
    for policy in (ALONE, ASK_ALWAYS):
        with pytest.raises(SignatureRefused) as error:
            verify(parse(data), [key.certificate for key in trusted], at=at, policy=policy)
        assert error.value.verdict.message
        assert not error.value.verdict.alarm, "the direct path accepted what signxml refuses"
        found.add(error.value.verdict.sub)
    (sub,) = found
    return sub


def of(root, local):
    """The first element of the signature with that name."""
    return next(root.iter(clark(DS, local)))


def test_the_untouched_document_verifies(key, root):
    """The starting point of every attack below is accepted, so that each refusal has one cause."""
    for policy in (ALONE, ASK_ALWAYS):
        assert verify(parse(etree.tostring(root)), [key.certificate], at=NOW, policy=policy)


def test_an_unsigned_document_is_refused(key):
    """No signature is a refusal that tells how to get one."""
    assert refused(permit_bytes(), key) is FORMAT


def test_two_signatures_are_refused(key, root):
    """A second signature, even a copy of the genuine one, is refused."""
    root.append(copy.deepcopy(of(root, "Signature")))
    assert refused(root, key) is FORMAT


def test_a_second_signature_deep_inside_is_refused(key, root):
    """It does not matter where the second signature hides."""
    root[0].append(copy.deepcopy(of(root, "Signature")))
    assert refused(root, key) is FORMAT


def test_a_signature_that_is_not_last_is_refused(key, root):
    """Nothing may stand behind the signature."""
    root.append(etree.SubElement(root, "extra"))
    assert refused(root, key) is FORMAT


def test_a_signature_in_first_place_is_refused(key, root):
    """The signature may not be moved to the front, although its digest would hold."""
    root.insert(0, of(root, "Signature"))
    assert refused(root, key) is FORMAT


def test_a_genuine_permit_wrapped_into_a_forged_one_is_refused(key, root):
    """XML signature wrapping: the signed permit, moved into a forged root, lends it nothing."""
    forged = parse(permit_bytes("CH-FORGED")).root
    etree.SubElement(forged, "wrapper").append(root)
    assert refused(forged, key) is FORMAT


def test_a_genuine_permit_hidden_in_its_own_signature_is_refused(key, root):
    """The signed permit inside ds:Object of a forged root does not lend it its signature."""
    forged = parse(permit_bytes("CH-FORGED")).root
    signature = copy.deepcopy(of(root, "Signature"))
    root.remove(of(root, "Signature"))
    etree.SubElement(signature, clark(DS, "Object")).append(root)
    forged.append(signature)
    assert refused(forged, key) in (HASH, FORMAT)


def test_a_genuine_signature_on_another_permit_is_refused(key, root):
    """A signature belongs to the document that it was made for."""
    forged = parse(permit_bytes("CH-FORGED")).root
    forged.append(of(root, "Signature"))
    assert refused(forged, key) is HASH


def test_a_comment_inside_a_leaf_is_refused(key):
    """`CH-<!-- -->1` reads differently for careless software and is not covered by C14N without comments."""
    data = sealed_bytes("CH-1", key).replace(b"CH-1<", b"CH-<!-- -->1<")
    assert b"<!-- -->" in data
    assert refused(data, key) is FORMAT


def test_a_processing_instruction_is_refused(key, root):
    """A processing instruction has no place in a signed permit."""
    root[0].insert(0, etree.ProcessingInstruction("php", "x"))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("uri", ["#permit", "#xpointer(/)", "http://example.org/x", "file:///etc/passwd"])
def test_a_reference_to_something_else_is_refused(key, root, uri):
    """A signature over a part, or over something elsewhere, is refused before anything is fetched."""
    of(root, "Reference").set("URI", uri)
    assert refused(root, key) is POLICY


def test_a_reference_without_uri_is_refused(key, root):
    """The absent URI leaves to the application what is signed; we never guess."""
    del of(root, "Reference").attrib["URI"]
    assert refused(root, key) is POLICY


def test_a_second_reference_is_refused(key, root):
    """One signature covers one thing."""
    of(root, "SignedInfo").append(copy.deepcopy(of(root, "Reference")))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize(
    "algorithms",
    [
        [ENVELOPED, XPATH, EXC_C14N],
        [ENVELOPED, XSLT, EXC_C14N],
        [ENVELOPED, EXC_C14N, "urn:unknown"],
        [ENVELOPED, EXC_C14N, EXC_C14N],
        [ENVELOPED, EXC_C14N + "WithComments"],
        [ENVELOPED, INCLUSIVE],
        [EXC_C14N, ENVELOPED],
        [ENVELOPED],
        [EXC_C14N],
        [],
        ["", ""],
    ],
)
def test_other_transforms_are_refused(key, root, algorithms):
    """Exactly enveloped signature and exclusive C14N, in that order; XPath and XSLT never run."""
    transforms = of(root, "Transforms")
    transforms[:] = []
    for algorithm in algorithms:
        etree.SubElement(transforms, clark(DS, "Transform"), Algorithm=algorithm)
    assert refused(root, key) is POLICY


def test_a_transform_with_parameters_is_refused(key, root):
    """InclusiveNamespaces inside the C14N transform is outside the one shape."""
    etree.SubElement(of(root, "Transforms")[1], clark(EXC_C14N, "InclusiveNamespaces"), PrefixList="x")
    assert refused(root, key) is POLICY


@pytest.mark.parametrize(
    ("element", "algorithm"),
    [
        ("CanonicalizationMethod", INCLUSIVE),
        ("CanonicalizationMethod", EXC_C14N + "WithComments"),
        ("CanonicalizationMethod", XSLT),
        ("SignatureMethod", DS + "rsa-sha1"),
        ("SignatureMethod", DS + "hmac-sha1"),
        ("SignatureMethod", DS + "dsa-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("SignatureMethod", "urn:unknown"),
        ("SignatureMethod", ""),
        ("DigestMethod", DS + "sha1"),
        ("DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("DigestMethod", "urn:unknown"),
    ],
)
def test_an_algorithm_outside_the_policy_is_refused(key, root, element, algorithm):
    """The signer does not choose: weak, symmetric and unknown algorithms are refused by name."""
    of(root, element).set("Algorithm", algorithm)
    assert refused(root, key) is POLICY


@pytest.mark.parametrize(
    "element",
    ["SignedInfo", "CanonicalizationMethod", "SignatureMethod", "Reference", "Transforms", "DigestMethod"],
)
@pytest.mark.parametrize("count", [0, 2])
def test_a_part_that_is_missing_or_there_twice_is_refused(key, root, element, count):
    """Every part of the signature that decides something stands exactly once."""
    part = of(root, element)
    if count:
        part.addnext(copy.deepcopy(part))
    else:
        part.getparent().remove(part)
    assert refused(root, key) is FORMAT


def test_a_changed_digest_is_refused(key, root):
    """The digest is part of what was signed: changing it breaks the signature value."""
    of(root, "DigestValue").text = base64.b64encode(bytes(32)).decode()
    assert refused(root, key) in (CRYPTO, HASH)


def test_a_changed_signature_value_is_refused(key, root):
    """One flipped bit in the signature value is noticed."""
    value = bytearray(base64.b64decode(of(root, "SignatureValue").text))
    value[10] ^= 1
    of(root, "SignatureValue").text = base64.b64encode(value).decode()
    assert refused(root, key) is CRYPTO


@pytest.mark.parametrize("value", ["not base64!", "", "AAAA", "====", "é"])
@pytest.mark.parametrize("element", ["SignatureValue", "DigestValue"])
def test_garbage_in_place_of_a_value_is_refused(key, root, element, value):
    """What is no base64, or far too short, is a refusal and not a crash."""
    of(root, element).text = value
    assert refused(root, key) in (FORMAT, CRYPTO, HASH)


def test_text_changed_after_signing_is_refused(key):
    """One digit more in a quantity is a HASH_FAILURE that says that the document was changed."""
    data = sealed_bytes(key=key).replace(b">40<", b">400<")
    assert refused(data, key) is HASH


def test_white_space_added_after_signing_is_refused(key):
    """White space between elements is part of what was signed."""
    data = sealed_bytes(key=key).replace(b"</ID>", b"</ID> ", 1)
    data = data if b"</ID> " in data else data.replace(b":ID>\n", b":ID> \n", 1)
    assert refused(data, key) is HASH


def test_text_behind_the_signature_is_refused(key, root):
    """Text after the signature is still inside the document element, and was not signed."""
    of(root, "Signature").tail = "unsigned words"
    assert refused(root, key) in (HASH, FORMAT)


def test_white_space_behind_the_signature_that_was_not_signed_is_refused(key, root):
    """Even a line break after the signature belongs to the document and changes its digest."""
    of(root, "Signature").tail = "\n"
    assert refused(root, key) is HASH


def test_an_attribute_added_after_signing_is_refused(key, root):
    """An attribute more is another document."""
    root.set("status", "approved")
    assert refused(root, key) is HASH


def test_a_renamed_root_is_refused(key, root):
    """The document element itself is covered."""
    root.tag = clark(V2_MESSAGE, "Other")
    assert refused(root, key) is HASH


def test_a_signer_who_is_not_registered_is_refused(key):
    """A certificate that comes in the message is never believed, whatever it calls itself."""
    forger = seal("CH:MA", days=100)
    assert refused(sealed_bytes(key=forger), key) is STRANGER


def test_the_name_of_a_stranger_is_shown_without_control_characters():
    """What a stranger's certificate says is shown to people: it cannot break a line, a log or a receipt."""
    private = private_key("p256")
    forger = SigningKey(private, certificate_for(private, name="CH:MA\x1b[2J\x01\nPASSED"))
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes(key=forger)), [seal().certificate], at=NOW)
    assert error.value.verdict.message.isprintable()
    assert error.value.verdict.signer.isprintable()


def test_a_forger_who_names_the_registered_certificate_is_refused(key, root):
    """Naming a registered certificate in KeyInfo does not help who lacks its key."""
    forger = seal("forger", algorithm="rsa" if "rsa" in key.method else "ec")
    forged = parse(sealed_bytes("CH-FORGED", forger)).root
    of(forged, "X509Certificate").text = of(root, "X509Certificate").text
    assert refused(forged, key) is CRYPTO


def test_an_empty_list_of_trusted_certificates_is_refused(root):
    """With nobody to trust, everything is refused."""
    assert refused(root) is STRANGER


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "é"])
def test_an_unreadable_certificate_in_keyinfo_is_refused(key, root, text):
    """A hint that leads nowhere is a signer who is not registered."""
    of(root, "X509Certificate").text = text
    assert refused(root, key) is STRANGER


def test_a_certificate_of_an_impossible_version_in_keyinfo_is_refused(key, root):
    """X.509 has versions 1 to 3: a hint of version 6 is a stranger, not an exception of a library."""
    hint = of(root, "X509Certificate")
    der = base64.b64decode(hint.text)
    version_3, version_6 = bytes.fromhex("a003020102"), bytes.fromhex("a003020105")
    assert version_3 in der
    hint.text = base64.b64encode(der.replace(version_3, version_6, 1)).decode()
    assert refused(root, key) is STRANGER


def test_without_keyinfo_the_registered_certificates_are_tried(key, root):
    """KeyInfo is a hint only: without it the right one of several registered certificates is found."""
    of(root, "Signature").remove(of(root, "KeyInfo"))
    kind = "rsa" if "rsa" in key.method else "ec"
    others = [
        seal("CH:MA-2", algorithm=kind),
        seal("CH:MA-3", algorithm="ec"),
        seal("CH:MA-3", algorithm="rsa"),
    ]
    trusted = [other.certificate for other in others] + [key.certificate]
    proven = verify(parse(etree.tostring(root)), trusted, at=NOW)
    assert proven.certificate == key.certificate


def test_without_keyinfo_a_stranger_is_still_refused(key, root):
    """Trying all registered certificates ends in a refusal when none fits."""
    of(root, "Signature").remove(of(root, "KeyInfo"))
    kind = "rsa" if "rsa" in key.method else "ec"
    assert refused(root, seal("another", algorithm=kind)) is CRYPTO


def test_without_keyinfo_a_key_of_the_other_kind_is_not_tried(key, root):
    """When no registered key could have made the signature, nobody is found."""
    of(root, "Signature").remove(of(root, "KeyInfo"))
    kind = "ec" if "rsa" in key.method else "rsa"
    assert refused(root, seal("another", algorithm=kind)) is STRANGER


def test_the_work_for_a_signature_without_keyinfo_is_bounded():
    """No more than MAX_CANDIDATES certificates are tried: a stranger cannot ask for more (promise 6)."""
    key = seal()
    root = parse(sealed_bytes(key=key)).root
    of(root, "Signature").remove(of(root, "KeyInfo"))
    others = [seal(f"other {number}") for number in range(MAX_CANDIDATES)]
    assert refused(root, *others, key) is CRYPTO


def test_an_hmac_with_the_public_key_as_secret_is_refused(key, root):
    """Algorithm confusion: a signature value that anyone could compute is refused by its algorithm."""
    of(root, "SignatureMethod").set("Algorithm", DS + "hmac-sha1")
    etree.SubElement(of(root, "SignatureMethod"), clark(DS, "HMACOutputLength")).text = "0"
    assert refused(root, key) is POLICY


def test_the_method_of_the_other_kind_of_key_is_refused(key, root):
    """An RSA signature that calls itself ECDSA, or the other way round, is refused."""
    other = "ecdsa-sha256" if "rsa-sha256" in key.method and "ecdsa" not in key.method else "rsa-sha256"
    of(root, "SignatureMethod").set("Algorithm", f"http://www.w3.org/2001/04/xmldsig-more#{other}")
    assert refused(root, key) in (FORMAT, CRYPTO)


def test_a_key_value_in_the_message_is_not_used(key):
    """A bare public key of the forger in KeyInfo changes nothing."""
    forger = seal("forger")
    root = parse(sealed_bytes(key=forger)).root
    info = of(root, "KeyInfo")
    info[:] = []
    value = etree.SubElement(info, clark(DS, "KeyValue"))
    numbers = etree.SubElement(value, clark(DS, "RSAKeyValue"))
    etree.SubElement(numbers, clark(DS, "Modulus")).text = "AQAB"
    etree.SubElement(numbers, clark(DS, "Exponent")).text = "AQAB"
    assert refused(root, key) in (FORMAT, CRYPTO, STRANGER)


def test_an_expired_certificate_is_indeterminate(key):
    """After its end nothing proves that the seal is older: INDETERMINATE, and the words of the standard."""
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW + timedelta(days=365, seconds=1))
    verdict = error.value.verdict
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.sub is SubIndication.OUT_OF_BOUNDS_NO_POE
    assert "the signature holds, but" in verdict.message


def test_a_certificate_of_the_future_is_indeterminate(key):
    """Before its first second a certificate has sealed nothing: check the clocks."""
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW - timedelta(hours=1))
    verdict = error.value.verdict
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.sub is SubIndication.NOT_YET_VALID


@pytest.mark.parametrize("off", [timedelta(minutes=-5), timedelta(days=365)])
def test_both_ends_of_the_certificates_time_belong_to_it(key, off):
    """The first and the last second of a certificate are inside its time."""
    assert verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW + off)


def test_a_forgery_with_an_expired_certificate_is_failed_not_indeterminate(key):
    """Mathematics come before time: a changed document is FAILED whatever the dates say."""
    data = sealed_bytes(key=key).replace(b">40<", b">400<")
    assert refused(data, key, at=NOW + timedelta(days=9999)) is HASH


def test_nobody_makes_a_verified_document_by_hand(key, root):
    """Only verify() holds the proof; any other caller gets a TypeError."""
    for proof in (None, object(), True):
        with pytest.raises(TypeError, match=r"only gateway\.signatures\.verify"):
            VerifiedDocument(b"", b"", root, key.certificate, proof)


def test_the_parsed_tree_is_left_as_it_was(key):
    """Verifying changes nothing in the tree that was parsed."""
    document = parse(sealed_bytes(key=key))
    before = etree.tostring(document.root)
    verify(document, [key.certificate], at=NOW)
    assert etree.tostring(document.root) == before
    assert document.root[-1].tag == SIGNATURE


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_processing_instruction_around_the_document_is_refused(key, root, where):
    """Verifiers disagree whether what stands outside the document element was signed."""
    data = etree.tostring(root)
    assert refused(b"<?x y?>" + data if where == "before" else data + b"<!-- y -->", key) is FORMAT


def test_a_second_certificate_in_keyinfo_is_refused(key, root):
    """Another verifier would take the other one."""
    hint = of(root, "X509Certificate")
    hint.addnext(copy.deepcopy(hint))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("local", ["KeyName", "RetrievalMethod", "KeyValue", "Manifest", "x"])
@pytest.mark.parametrize("parent", ["Signature", "SignedInfo", "KeyInfo", "X509Data", "Reference"])
def test_a_foreign_element_in_the_signature_is_refused(key, root, local, parent):
    """Each element of the signature is named by the policy; there is no room for another."""
    etree.SubElement(of(root, parent), clark(DS, local))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("name", ["x", "{urn:x}Algorithm", "{urn:x}URI", "Type"])
@pytest.mark.parametrize("local", ["Signature", "SignedInfo", "Reference", "SignatureMethod", "KeyInfo"])
def test_a_foreign_attribute_in_the_signature_is_refused(key, root, local, name):
    """Look-alike attributes have no place in the signature."""
    of(root, local).set(name, "x")
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("local", ["Signature", "SignedInfo", "KeyInfo", "Transform"])
def test_text_between_the_elements_of_the_signature_is_refused(key, root, local):
    """White space may stand there, words may not."""
    of(root, local).text = "words"
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("usage", [False, None])
def test_a_certificate_that_may_not_sign_is_refused(usage):
    """Key usage without digitalSignature is a refusal, also when the operator registered it by mistake."""
    private = private_key("p256")
    key = SigningKey(private, certificate_for(private, digital_signature=usage))
    if usage is None:
        assert verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW, policy=ALONE)
    else:
        assert refused(sealed_bytes(key=key), key) is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE


def test_a_short_key_is_refused_unless_the_policy_of_the_partner_accepts_it():
    """RSA with 2048 bits is below our own policy, and accepted from a partner that says so."""
    private = private_key("rsa2048")
    key = SigningKey(private, certificate_for(private))
    data = sealed_bytes(key=key)
    assert refused(data, key) is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
    lenient = replace(ASK_ALWAYS, min_rsa_bits=2048)
    assert verify(parse(data), [key.certificate], at=NOW, policy=lenient)


def test_the_count_of_signatures_is_said(key, root):
    """Two signatures are refused as two, before anything else is looked at."""
    root[-1].addprevious(copy.deepcopy(root[-1]))
    with pytest.raises(SignatureRefused, match="has 2 signatures; exactly one is accepted"):
        verify(parse(etree.tostring(root)), [key.certificate], at=NOW)


def test_a_zero_between_the_halves_of_an_ecdsa_value_is_refused():
    """Each half is as long as the curve says; another way to write the same numbers is another signature."""
    root = parse(sealed_bytes()).root
    value = base64.b64decode(of(root, "SignatureValue").text)
    of(root, "SignatureValue").text = base64.b64encode(value[:32] + b"\0" + value[32:]).decode()
    assert refused(root, seal()) is CRYPTO


def test_words_that_look_like_an_id_are_words():
    """The quick search for ids counts them in texts too; then each element is asked, and all is well."""
    key = seal()
    data = sealed_bytes('CH id="x" xml:id = 7', key)
    assert verify(parse(data), [key.certificate], at=NOW, policy=ASK_ALWAYS)


@pytest.mark.parametrize("spelling", [b'id="x"', b"ID = 'x'", b'x:Id\n=\n"x"', b'xml:id\t="x"'])
def test_an_id_is_found_however_it_is_written(key, spelling):
    """White space, prefixes and quotes do not hide an attribute from the quick search."""
    data = permit_bytes().replace(
        b"<rsm:CITESEPermit ", b"<rsm:CITESEPermit xmlns:x='urn:x' " + spelling + b" ", 1
    )
    assert spelling in data
    assert refused(careless(parse(data).root, key), key) is FORMAT
    with pytest.raises(NotSignable, match="must not have an attribute"):
        sign(parse(data).root, key)
