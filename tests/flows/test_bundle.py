"""A delivery leaves as a bundle; no lie and no changed byte gets through."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import RevokedCertificate
from support.bundles import TRUSTED, delivered, queued, repacked
from support.exchange import CH_MA, FR_MA
from support.gateways import DirectCourier, gateway_key, header, keyring, ma_key
from support.key_material import authority, crl, curve_key, leaf, revoked
from support.keys import NOW, pem_of, seal
from support.permits import sealed_bytes

from gateway.errors import GatewayError, NotFound, ProofRefused, SchemaInvalid
from gateway.exchange import message, receipts
from gateway.exchange.bundle import MAX_BYTES, Signed, files_of, pack, unpack
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import Direction
from gateway.flows.author import Author
from gateway.flows.bundle_evidence import (
    EVIDENCE_POLICY,
    ProvenReceipt,
    bundle_of,
    prove_envelope,
    read_certificate,
)
from gateway.flows.bundle_report import BundleReport
from gateway.flows.check_bundle import check_bundle
from gateway.flows.export_evidence import Exported, export_evidence
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery
from gateway.signatures.keyring import GATEWAY, TrustStore
from gateway.signatures.keys import SigningKey
from gateway.signatures.revocation import Revocations
from gateway.signatures.revocation_list import read_lists
from gateway.signatures.sign import sign
from gateway.signatures.verdict import Indication
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

AUTHOR = Author("ines", "for the court")


async def export(wanted: str, node: Node) -> Exported:
    """As an operator does it."""
    return await export_evidence(wanted, AUTHOR, node)


QUICK = replace(EVIDENCE_POLICY, oracle_share=0.0)
"""Without the second opinion, for the tests that check thousands of bundles."""


@pytest.fixture
async def bundle(ch: Node, fr: Node) -> bytes:
    """The bundle of a delivery to France."""
    return (await export(await delivered(ch, DirectCourier(fr)), ch)).data


def worst(report: BundleReport) -> set[str]:
    """The checks that decide the verdict."""
    return {check.id for check in report.checks if check.indication is report.verdict}


def forged(*, receipt_key: SigningKey | None = None, kind: Kind = Kind.PERMIT, **changes: object) -> bytes:
    """A bundle of a gateway that asks nothing, with the receipt changed before it is signed."""
    payload, head = sealed_bytes(), header(kind=kind)
    envelope = sign(message.build(head, payload), gateway_key("CH"))
    stated = Receipt(
        head.message_id,
        head.conversation_id,
        FR_MA,
        CH_MA,
        NOW,
        sha256_hex(envelope),
        sha256_hex(payload),
        Outcome.ACCEPTED,
    )
    key = receipt_key or gateway_key("FR")
    receipt = sign(receipts.build(replace(stated, **changes)), key)  # type: ignore[arg-type]
    document = verify(parse(receipt), [key.certificate], at=NOW, policy=QUICK)
    proven = ProvenReceipt(receipts.read(document.root), document, NOW)
    sent = prove_envelope(envelope, [gateway_key("CH").certificate], QUICK, at=NOW)
    certificates = {Signed.RECEIPT: key.certificate, Signed.ENVELOPE: gateway_key("CH").certificate}
    return pack(files_of(bundle_of(sent, proven, certificates)))


def test_it_proves_that_the_receiver_has_it(bundle: bytes) -> None:
    """With everybody's certificates: who received what, when, with which outcome, and who sealed it."""
    report = check_bundle(bundle, TRUSTED, now=NOW)
    assert report.verdict is Indication.PASSED
    assert any("FR:MA states that it accepted" in sentence for sentence in report.proven)
    assert any("sealed the document" in sentence for sentence in report.proven)
    assert any("the receiver states the time" in sentence for sentence in report.not_proven)


def test_it_holds_the_bytes_as_they_were(bundle: bytes, ch: Node) -> None:
    """Message, receipt and permit, byte for byte, and nothing that was not signed is read."""
    files = unpack(bundle)
    (sent,) = [each for key, each in ch.storage.state.messages.items() if key[0] is Direction.OUT]  # type: ignore[attr-defined]
    assert files["envelope.xml"] == sent.envelope
    assert files["receipt.xml"] == sent.receipt
    assert sha256_hex(files["permit.xml"]) == sent.payload_digest


@pytest.mark.parametrize(
    ("trusted", "open_"),
    [
        (None, {"signer-of-receipt", "signer-of-envelope", "signer-of-log"}),
        ([gateway_key("CH").certificate], {"signer-of-receipt"}),
        ([gateway_key("FR").certificate], {"signer-of-envelope", "signer-of-log"}),
        ([seal("stranger", "FR").certificate], {"signer-of-receipt", "signer-of-envelope", "signer-of-log"}),
    ],
    ids=["nobody", "only the sender", "only the receiver", "a stranger"],
)
def test_signatures_of_strangers_prove_nothing(bundle: bytes, trusted, open_: set[str]) -> None:
    """The certificates in the bundle are not believed because they lie in it."""
    report = check_bundle(bundle, trusted, now=NOW)
    assert report.verdict is Indication.INDETERMINATE
    assert worst(report) == open_
    assert report.proven == []


def test_without_the_certificate_of_the_seal_the_rest_is_proven(bundle: bytes) -> None:
    """Delivery is about the gateways; who sealed the permit is then said to be open."""
    report = check_bundle(bundle, TRUSTED[:2], now=NOW)
    assert report.verdict is Indication.PASSED
    assert not any("sealed the document" in sentence for sentence in report.proven)
    assert any("who sealed the document" in sentence for sentence in report.not_proven)


def test_every_changed_byte_is_found(bundle: bytes) -> None:
    """No byte can be changed, neither of the files nor of what the archive writes around them."""
    data = bytearray(bundle)
    missed = []
    for at in range(len(data)):
        data[at] ^= 1 << at % 8
        if check_bundle(bytes(data), TRUSTED, now=NOW, policy=QUICK).verdict is Indication.PASSED:
            missed.append(at)
        data[at] ^= 1 << at % 8
    assert missed == []
    assert check_bundle(bytes(data), TRUSTED, now=NOW, policy=QUICK).verdict is Indication.PASSED


@pytest.mark.parametrize(
    "name",
    ["README.txt", "manifest.json", "receipt.xml", "envelope.xml", "permit.xml"]
    + ["log/checkpoint.txt", "log/entries.json"]
    + [f"certificates/{signed}.pem" for signed in Signed],
)
def test_a_change_that_the_archive_agrees_with_is_found_too(bundle: bytes, name: str) -> None:
    """Whoever packs it again makes the checksums of the archive fit; the signatures do not."""
    files = unpack(bundle)
    missed = []
    for at in range(0, len(files[name]), max(1, len(files[name]) // 40)):
        changed = bytearray(files[name])
        changed[at] ^= 1 << at % 8
        again = pack({**files, name: bytes(changed)})
        if check_bundle(again, TRUSTED, now=NOW, policy=QUICK).verdict is not Indication.FAILED:
            missed.append(at)
    assert missed == []
    assert check_bundle(pack(files), TRUSTED, now=NOW, policy=QUICK).verdict is Indication.PASSED


def test_a_bundle_cut_anywhere_is_broken(bundle: bytes) -> None:
    """An unfinished download never passes and never ends in an error of the program."""
    for length in range(0, len(bundle), 101):
        report = check_bundle(bundle[:length], TRUSTED, now=NOW, policy=QUICK)
        assert worst(report) == {"archive"}


OTHER = "0" * 8 + "-0000-7000-8000-" + "0" * 12


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": OTHER},
        {"conversation_id": OTHER},
        {"envelope_digest": "0" * 64},
        {"payload_digest": "0" * 64},
        {"sender": CH_MA},
        {"recipient": FR_MA},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_receipt_for_something_else_is_found(changes: dict[str, object]) -> None:
    """Signed by the receiver, in a bundle that is otherwise as it should be."""
    report = check_bundle(forged(**changes), TRUSTED, now=NOW)
    assert report.verdict is Indication.FAILED
    assert worst(report) == {"same-bytes"}
    assert report.proven == report.not_proven == []


def test_a_sender_cannot_sign_its_own_receipt() -> None:
    """Also when its certificate is trusted, as that of a sender must be."""
    report = check_bundle(forged(receipt_key=gateway_key("CH")), TRUSTED, now=NOW)
    assert report.verdict is Indication.FAILED
    assert worst(report) == {"two-signers"}


def test_the_forger_of_these_tests_can_tell_the_truth() -> None:
    """Without a lie its bundle passes: what is refused above is refused for the lie."""
    assert check_bundle(forged(), TRUSTED, now=NOW).verdict is Indication.PASSED


def _compressed(data: bytes) -> bytes:
    """The same files, compressed as any other program would."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unpack(data).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _twice(data: bytes) -> bytes:
    """Two files of one name: which one is read depends on the program."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("permit.xml", b"<another/>")
    return buffer.getvalue()


def _later(data: bytes) -> bytes:
    """Of a version that this program does not know."""
    told = unpack(data)["manifest.json"].replace(b'"version": 2', b'"version": 3')
    return repacked(data, manifest_json=told)


@pytest.mark.parametrize(
    ("change", "check", "says"),
    [
        (lambda _: b"", "archive", "broken"),
        (lambda _: b"<Receipt/>", "archive", "broken"),
        (_compressed, "archive", "compressed"),
        (_twice, "archive", "same name"),
        (_later, "archive", "newer version"),
        (lambda data: repacked(data, receipt_xml=None), "archive", "receipt.xml is missing"),
        (lambda data: repacked(data, certificates_receipt_pem=None), "archive", "receipt.pem is missing"),
        (lambda data: repacked(data, README_txt=None), "unchanged", "README.txt is missing"),
        (lambda data: repacked(data, README_txt=b"Call 555-1234"), "unchanged", "README.txt"),
        (lambda data: repacked(data, permit_xml=sealed_bytes("CH-1")), "unchanged", "permit.xml"),
        (lambda data: repacked(data, more_txt=b"trust me"), "unchanged", "more.txt does not belong"),
        (lambda data: b"MZ" + data, "unchanged", "packed again"),
        (lambda data: pack(dict(reversed(unpack(data).items()))), "unchanged", "packed again"),
        (
            lambda data: repacked(data, certificates_receipt_pem=pem_of(seal("FR", "FR").certificate)),
            "receipt",
            "receipt.pem is not the certificate that signed",
        ),
        (
            lambda data: repacked(data, certificates_seal_pem=pem_of(seal("CH", "CH").certificate)),
            "seal",
            "seal.pem is not the certificate that signed",
        ),
        (lambda data: repacked(data, certificates_seal_pem=b"none"), "seal", "seal.pem is not"),
    ],
    ids=[
        "nothing",
        "no archive",
        "compressed",
        "two of one name",
        "later version",
        "no receipt",
        "no certificate",
        "no guide",
        "another guide",
        "another permit",
        "one more file",
        "something in front",
        "another order",
        "another receiver",
        "another seal",
        "rubbish for a certificate",
    ],
)
def test_what_is_wrong_is_said(
    bundle: bytes, change: Callable[[bytes], bytes], check: str, says: str
) -> None:
    """Each lie stops at its check, with words that name it."""
    report = check_bundle(change(bundle), TRUSTED, now=NOW)
    found = {each.id: each for each in report.checks if each.indication is not Indication.PASSED}
    assert report.verdict is not Indication.PASSED
    assert says in found[check].message


def test_a_length_that_is_a_lie_costs_nothing(bundle: bytes) -> None:
    """The directory of the archive claims a file of 4 GB."""
    data = bytearray(bundle)
    at = data.index(b"PK\x01\x02") + 20
    data[at : at + 8] = b"\xfe\xff\xff\xff" * 2
    assert "longer than the archive" in check_bundle(bytes(data), TRUSTED, now=NOW).checks[0].message


def test_more_than_any_bundle_has_is_not_looked_at() -> None:
    """Neither is it unpacked."""
    report = check_bundle(bytes(MAX_BYTES + 1), TRUSTED, now=NOW)
    assert "no bundle has more than" in report.checks[0].message


def test_a_certificate_with_an_unknown_key_is_rubbish(bundle: bytes) -> None:
    """The library notices when the key is asked for, long after the file was read."""
    der = gateway_key("FR").certificate.public_bytes(Encoding.DER)
    odd = der.replace(b"\x2a\x86\x48\xce\x3d\x02\x01", b"\x2a\x86\x48\xce\x3d\x02\x09")
    assert odd != der
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(odd) + b"-----END CERTIFICATE-----\n"
    with pytest.raises(SchemaInvalid, match="is not a certificate"):
        read_certificate(pem, "receipt.pem")
    report = check_bundle(repacked(bundle, certificates_receipt_pem=pem), TRUSTED, now=NOW)
    assert "receipt.pem is not a certificate" in report.checks[1].message


def test_every_signature_has_a_second_opinion(bundle: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipt, message and seal: what must convince others is verified twice."""
    asked: list[object] = []
    monkeypatch.setattr("gateway.signatures.oracle.ask", lambda *given: asked.append(given))
    check_bundle(bundle, TRUSTED, now=NOW)
    assert len(asked) == 3


def test_an_ended_certificate_is_said_and_the_proof_stands(bundle: bytes) -> None:
    """Ten years later the receipt still proves what it proved, and who reads it knows the weak place."""
    report = check_bundle(bundle, TRUSTED, now=NOW + timedelta(days=3650))
    assert report.verdict is Indication.PASSED
    assert sum("before its certificate ended" in sentence for sentence in report.not_proven) == 3
    assert not any("ended on" in each for each in check_bundle(bundle, TRUSTED, now=NOW).not_proven)


def test_a_certificate_that_was_not_valid_then_proves_nothing() -> None:
    """The receipt says that it was made before its certificate began."""
    late = forged(received_at=NOW - timedelta(days=365))
    report = check_bundle(late, TRUSTED, now=NOW)
    assert (report.verdict, worst(report)) == (Indication.INDETERMINATE, {"receipt"})
    assert report.proven == []


def test_a_refusal_is_proven_too() -> None:
    """That the receiver said no is worth as much as that it said yes."""
    report = check_bundle(forged(outcome=Outcome.REFUSED), TRUSTED, now=NOW)
    assert report.verdict is Indication.PASSED
    assert any("read the document and refused it" in sentence for sentence in report.proven)


def test_a_test_is_called_a_test() -> None:
    """Nobody proves the delivery of a permit with a message that was a test."""
    report = check_bundle(forged(kind=Kind.TEST), TRUSTED, now=NOW)
    assert any("TEST document, which is no permit" in sentence for sentence in report.proven)


async def test_there_must_be_a_receipt(ch: Node) -> None:
    """No such delivery, none that needed a message, none that was answered: each with its own words."""
    waiting = await queued(ch)
    for delivery, says in (("nosuch", "no delivery"), ("", "no delivery"), (waiting, "which is queued")):
        with pytest.raises(NotFound, match=says):
            await export(delivery, ch)


async def test_a_delivery_inside_the_gateway_has_no_receipt(ch: Node) -> None:
    """The authority lives here: there was no message."""
    issued = await issue(sealed_bytes("CH-2026-000777"), CH_MA, "", ch, Trail())
    local = next(each.id for each in issued.deliveries if not each.partner)
    with pytest.raises(NotFound, match="lives here"):
        await export(local, ch)


async def test_a_partner_with_a_new_certificate_has_still_signed_the_old_receipts(ch: Node, fr: Node) -> None:
    """What it signed with the old one leaves with the old one, and the operator is told."""
    delivery = await delivered(ch, DirectCourier(fr))
    assert (await export(delivery, ch)).registered
    ch.trust = TrustStore({"fr": (seal("fr next", "FR").certificate,)})
    exported = await export(delivery, ch)
    assert not exported.registered
    assert check_bundle(exported.data, TRUSTED, now=NOW).verdict is Indication.PASSED


async def test_what_was_changed_in_the_database_does_not_leave(ch: Node, fr: Node) -> None:
    """The signatures are proven again before anything is written."""
    delivery = await delivered(ch, DirectCourier(fr))
    kept = ch.storage.state.messages  # type: ignore[attr-defined]
    (key,) = [key for key in kept if key[0] is Direction.OUT]
    good = kept[key]
    for wrong, says in (
        (replace(good, receipt=good.receipt.replace(b">accepted", b">refused")), "changed after"),
        (replace(good, envelope=good.envelope.replace(b"FR:MA", b"FR:CUSTOMS")), "changed after"),
        (
            replace(good, receipt=_signed_again(good.receipt, gateway_key("FR"), conversation_id=OTHER)),
            "its conversation id is",
        ),
        (replace(good, receipt=_signed_again(good.receipt, gateway_key("CH"))), "key of the sender"),
    ):
        assert wrong != good
        ch.storage.state.messages[key] = wrong  # type: ignore[attr-defined]
        with pytest.raises(GatewayError, match=says):
            await export(delivery, ch)


def _signed_again(receipt: bytes, key: SigningKey, **changes: object) -> bytes:
    """What the receipt states, or something else, signed by somebody who can."""
    told = receipts.read(parse(receipt).root)
    stated = replace(told, findings=(), **changes)  # type: ignore[arg-type]
    return sign(receipts.build(stated), key)


async def test_the_id_of_the_message_does_too(ch: Node, fr: Node) -> None:
    """A partner who asks about a message knows its id, and not how we call its delivery."""
    delivery = await delivered(ch, DirectCourier(fr))
    await delivered(ch, DirectCourier(fr), "CH-2026-000778")
    exported = await export(delivery, ch)
    assert await export(exported.bundle.receipt.message_id, ch) == exported


async def test_the_same_delivery_gives_the_same_bytes(ch: Node, fr: Node) -> None:
    """Two operators who export it on two days have the same file."""
    delivery = await delivered(ch, DirectCourier(fr))
    first = await export(delivery, ch)
    ch.clock.forward(days=1)  # type: ignore[attr-defined]
    assert (await export(delivery, ch)).data == first.data


async def test_it_shows_what_was_logged(ch: Node, fr: Node) -> None:
    """When it was sent, with which outcome, in whose log, under which checkpoint; what that leaves open."""
    exported = await export(await delivered(ch, DirectCourier(fr)), ch)
    report = check_bundle(exported.data, TRUSTED, now=NOW)
    logged = exported.bundle.logged
    assert logged is not None
    assert [(each.kind, each.outcome) for each in logged.entries] == [("sent", "delivered")]
    assert any(f"the message log {logged.origin} holds 1 entries" in sentence for sentence in report.proven)
    assert any("no time-stamp of somebody else" in sentence for sentence in report.not_proven)


async def test_the_receiver_can_prove_what_it_received(ch: Node, fr: Node) -> None:
    """The same for a message that came in: its sender signed it, and we have said what we made of it."""
    sent = await export(await delivered(ch, DirectCourier(fr)), ch)
    received = await export(sent.bundle.receipt.message_id, fr)
    assert received.registered
    files, others = unpack(received.data), unpack(sent.data)
    assert (files["envelope.xml"], files["receipt.xml"]) == (others["envelope.xml"], others["receipt.xml"])
    report = check_bundle(received.data, TRUSTED, now=NOW)
    assert report.verdict is Indication.PASSED, report.checks
    assert received.bundle.logged is not None
    assert "received" in {each.kind for each in received.bundle.logged.entries}


async def test_the_export_is_logged_with_its_author(ch: Node, fr: Node) -> None:
    """Who took it away, why, and which bytes it was; nothing is logged when nothing left."""
    exported = await export(await delivered(ch, DirectCourier(fr)), ch)
    with pytest.raises(NotFound):
        await export("nosuch", ch)
    async with ch.storage.read() as transaction:
        (told,) = await transaction.log.search(LogQuery(kinds=(EntryKind.EXPORTED,)))
    assert (told.actor, told.detail, told.outcome) == ("ines", "for the court", "evidence")
    assert told.digest == sha256_hex(exported.data)
    assert told.message_id == exported.bundle.receipt.message_id


async def test_proofs_of_something_else_prove_nothing(ch: Node, fr: Node) -> None:
    """The log's part of another message, or of another log, in an archive that fits it otherwise."""
    one = (await export(await delivered(ch, DirectCourier(fr)), ch)).data
    other = (await export(await delivered(ch, DirectCourier(fr), "CH-2026-000779"), ch)).data
    theirs = (await export(bundle_message(one), fr)).data
    log = ("log/checkpoint.txt", "log/entries.json", "certificates/log.pem")
    for source, says in ((other, "is about another message"), (theirs, "not the certificate that signed")):
        files = unpack(one) | {name: unpack(source)[name] for name in log[: 2 if source is theirs else 3]}
        report = check_bundle(pack(files), TRUSTED, now=NOW)
        assert report.verdict is Indication.FAILED
        assert any(says in check.message for check in report.checks if check.id == "log"), report.checks


def bundle_message(data: bytes) -> str:
    """The id of the message of a bundle."""
    return str(json.loads(unpack(data)["manifest.json"])["message"]["message_id"])


async def test_the_log_of_another_message_under_the_same_checkpoint_is_found(ch: Node, fr: Node) -> None:
    """Also the words of an entry, a leaf and a path are bound: a lie in any of them stops at the log."""
    data = (await export(await delivered(ch, DirectCourier(fr)), ch)).data
    told = unpack(data)["log/entries.json"]
    for lie in (
        told.replace(b"delivered", b"not-readable"),
        told.replace(b'\\"detail\\":\\"\\"', b'\\"detail\\":\\"x\\"'),
        told.replace(b'"place": ', b'"place": 1'),
        told.replace(b'"size": ', b'"size": 1'),
        b"{}",
    ):
        assert lie != told
        report = check_bundle(pack({**unpack(data), "log/entries.json": lie}), TRUSTED, now=NOW, policy=QUICK)
        assert "log" in worst(report), lie


CA = authority()
RECEIVER = SigningKey(curve_key(50), leaf(200))


async def exported_with_list(ch: Node, fr: Node, *lines: RevokedCertificate) -> Exported:
    """France signs with a certificate of an authority that publishes a list with these lines."""
    key = RECEIVER
    fr.keys = keyring(**{GATEWAY: key, "FR:MA": ma_key("FR")})
    ch.trust = TrustStore({**ch.trust.by_owner, "fr": (key.certificate,)})
    delivery = await delivered(ch, DirectCourier(fr))
    lists = read_lists(crl(*lines).public_bytes(Encoding.DER), "list", [CA])
    ch.revocations = Revocations(tuple(lists))
    return await export(delivery, ch)


async def test_revocation_lists_go_along_and_are_heard(ch: Node, fr: Node) -> None:
    """A certificate that was taken back the day after; who made the list is trusted, or said to be open."""
    exported = await exported_with_list(ch, fr, revoked(200, NOW + timedelta(days=1)), revoked(201, NOW))
    assert [each.issuer for each in exported.bundle.lists] == ["CN=CA"]
    trusted = [*TRUSTED, RECEIVER.certificate]
    report = check_bundle(exported.data, trusted, now=NOW + timedelta(days=900))
    assert report.verdict is Indication.PASSED, report.checks
    assert {"revocation-1", "not-revoked"} <= {check.id for check in report.checks}
    assert any("who made a revocation list" in sentence for sentence in report.not_proven)
    report = check_bundle(exported.data, [*trusted, CA], now=NOW)
    assert not any("who made a revocation list" in sentence for sentence in report.not_proven)
    assert any("taken back after 2026-11-22" in sentence for sentence in report.not_proven)


async def test_a_certificate_that_was_taken_back_by_then_proves_nothing(ch: Node, fr: Node) -> None:
    """The list came after the receipt, and says that the key was lost before it."""
    exported = await exported_with_list(ch, fr, revoked(200, NOW - timedelta(hours=1)))
    report = check_bundle(exported.data, [*TRUSTED, RECEIVER.certificate], now=NOW)
    assert (report.verdict, worst(report)) == (Indication.FAILED, {"not-revoked"})
    assert report.proven == []


async def test_no_byte_of_a_revocation_list_can_be_changed(ch: Node, fr: Node) -> None:
    """Packed again, with checksums that fit; nor can a list be left out, or another one be put in."""
    data = (await exported_with_list(ch, fr)).data
    files, trusted = unpack(data), [*TRUSTED, RECEIVER.certificate, CA]
    other = crl(revoked(7, NOW), ca=2).public_bytes(Encoding.DER)
    lies = [{**files, "revocation/1.crl": other}]
    lies.append({name: told for name, told in files.items() if name != "revocation/1.crl"})
    for name in ("revocation/1.crl", "revocation/1-issuer.pem"):
        for at in range(0, len(files[name]), 7):
            changed = bytearray(files[name])
            changed[at] ^= 1 << at % 8
            lies.append({**files, name: bytes(changed)})
    for lie in lies:
        report = check_bundle(pack(lie), trusted, now=NOW, policy=QUICK)
        assert report.verdict is Indication.FAILED, report.checks
    assert check_bundle(data, trusted, now=NOW, policy=QUICK).verdict is Indication.PASSED


async def test_a_log_that_knows_other_bytes_is_no_evidence(ch: Node, fr: Node) -> None:
    """Every entry about the message is about other bytes: what was logged is not what would go along."""
    delivery = await delivered(ch, DirectCourier(fr))
    log = ch.storage.state.log  # type: ignore[attr-defined]
    log.update({each.id: replace(each, digest="0" * 64) for each in log.values() if each.message_id})
    with pytest.raises(ProofRefused, match="no entry of the log has the SHA-256"):
        await export(delivery, ch)
