"""Where the signature stands, and what it lends to what is around it."""

import copy

import pytest
from lxml import etree
from support.keys import NOW
from support.lies import ALONE, ASK_ALWAYS, FORMAT, HASH, of, refused
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import SignatureRefused
from gateway.signatures.policy import SIGNATURE
from gateway.signatures.verified import VerifiedDocument
from gateway.signatures.verify import verify
from gateway.xmlio.names import DS, clark
from gateway.xmlio.parse import parse


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


def test_the_count_of_signatures_is_said(key, root):
    """Two signatures are refused as two, before anything else is looked at."""
    root[-1].addprevious(copy.deepcopy(root[-1]))
    with pytest.raises(SignatureRefused, match="has 2 signatures; exactly one is accepted"):
        verify(parse(etree.tostring(root)), [key.certificate], at=NOW)
