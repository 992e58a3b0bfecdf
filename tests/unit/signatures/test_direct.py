"""The direct path and the second opinion: they agree, and when they do not, that is an alarm."""

import copy
from dataclasses import replace

import pytest
from lxml import etree
from support.keys import NOW, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import SignatureRefused
from gateway.signatures import oracle
from gateway.signatures import verify as verifying
from gateway.signatures.direct import Proven, without_signature
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.signatures.verdict import Indication, SubIndication
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import canonical
from gateway.xmlio.parse import parse

ALONE, ASK_ALWAYS = (replace(DEFAULT_POLICY, oracle_share=share) for share in (0.0, 1.0))


def trusting(document, root, shape, candidates):
    """A direct path with its mathematics torn out."""
    return Proven(canonical(root), copy.deepcopy(root), candidates[0])


def test_the_oracle_stops_a_direct_path_that_accepts_everything(monkeypatch):
    """If the direct path were wrong, signxml would refuse, and the refusal is an alarm for people."""
    monkeypatch.setattr(verifying, "prove", lambda root, shape, c: trusting(None, root, shape, c))
    altered = parse(sealed_bytes().replace(b">40<", b">400<"))
    assert verify(altered, [seal().certificate], at=NOW, policy=ALONE), "the mathematics are torn out"
    with pytest.raises(SignatureRefused) as error:
        verify(altered, [seal().certificate], at=NOW, policy=ASK_ALWAYS)
    verdict = error.value.verdict
    assert verdict.alarm
    assert (verdict.indication, verdict.sub) == (Indication.FAILED, SubIndication.SIG_CRYPTO_FAILURE)
    assert error.value.fields["alarm"] is True


def test_the_oracle_compares_what_was_signed(monkeypatch):
    """Agreeing that a signature holds is not enough: both must have seen the same bytes."""

    def other(root, shape, candidates):
        return replace(genuine(root, shape, candidates), signed_bytes=b"<other/>")

    genuine = verifying.prove
    monkeypatch.setattr(verifying, "prove", other)
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes()), [seal().certificate], at=NOW, policy=ASK_ALWAYS)
    assert error.value.verdict.alarm


def test_the_share_is_followed_and_repeats_itself():
    """None, all, and about the share asked for; the same document is always sampled or never."""
    documents = [str(number).encode() for number in range(2000)]
    assert not any(oracle.is_sampled(data, 0.0) for data in documents)
    assert all(oracle.is_sampled(data, 1.0) for data in documents)
    sampled = [data for data in documents if oracle.is_sampled(data, 0.1)]
    assert 120 < len(sampled) < 280
    assert all(oracle.is_sampled(data, 0.1) for data in sampled)


def test_a_sampled_document_is_really_asked_about(monkeypatch):
    """The oracle is called for a share of one, and not for a share of nothing."""
    asked = []
    monkeypatch.setattr(oracle, "ask", lambda *arguments: asked.append(arguments))
    for policy, count in ((ALONE, 0), (ASK_ALWAYS, 1)):
        verify(parse(sealed_bytes()), [seal().certificate], at=NOW, policy=policy)
        assert len(asked) == count


@pytest.mark.parametrize("data", [
    b'<a>x<s:Signature xmlns:s="urn:s"/>tail</a>',
    b'<a><s:Signature xmlns:s="urn:s"><s:SignatureValue/></s:Signature></a>',
    b'<a><b/>x<Signature xmlns="urn:s" Id="x">y</Signature> </a>',
    b'<s:a xmlns:s="urn:s"><s:Signature/></s:a>',
    b'<a><s:Signature xmlns:s="urn:o">1</s:Signature><s:Signature xmlns:s="urn:s"><s:b/></s:Signature></a>',
    b'<a t="&lt;s:Signature >">&lt;s:Signature &gt;<s:Signature xmlns:s="urn:s"/>&lt;/s:Signature></a>',
])  # fmt: skip
def test_cutting_the_signature_out_equals_removing_it(data):
    """The cut canonical form is the canonical form of a tree from which the signature was removed."""
    root = parse(data).root
    whole = canonical(root)
    removed = copy.deepcopy(root)
    signature = removed[-1]
    before = signature.getprevious()
    if before is None:
        removed.text = (removed.text or "") + (signature.tail or "")
    else:
        before.tail = (before.tail or "") + (signature.tail or "")
    removed.remove(signature)
    assert without_signature(whole, root[-1]) == canonical(removed)
    assert canonical(root) == whole


def test_the_tree_that_was_checked_stays_as_it_was():
    """Neither path touches the caller's tree."""
    document = parse(sealed_bytes())
    before = etree.tostring(document.root)
    for policy in (ALONE, ASK_ALWAYS):
        verify(document, [seal().certificate], at=NOW, policy=policy)
    assert etree.tostring(document.root) == before


@pytest.mark.parametrize(
    ("value", "accepted"),
    [("seal-1.a", True), ("_", True), ("", False), ("1st", False), ("#seal", False), (" seal", False)],
)
def test_an_id_is_a_name(value, accepted):
    """What the schema of XML Signature does not take for an ID (xs:ID) is refused, as signxml does."""
    root = parse(sign(parse(permit_bytes()).root, seal())).root
    root[-1].set("Id", value)
    document = parse(etree.tostring(root))
    if accepted:
        assert verify(document, [seal().certificate], at=NOW, policy=ASK_ALWAYS)
        return
    with pytest.raises(SignatureRefused, match="not a name"):
        verify(document, [seal().certificate], at=NOW, policy=ALONE)
