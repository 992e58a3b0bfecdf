"""TLS identity, envelope sender and signer say the same (promise 4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.gateways import SetClock, envelope, gateway_key, log_of
from support.key_material import DAY, authority, crl, leaf, revoked
from support.keys import NOW, seal

from gateway.errors import Forbidden, IdentityMismatch, SignatureRefused
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.messagelog.entry import EntryKind
from gateway.signatures.keyring import TrustStore
from gateway.signatures.revocation import Revocations
from gateway.signatures.revocation_list import read_lists

CH_TLS = seal("ch tls").certificate
DE_TLS = seal("de tls", "DE").certificate
STRANGER = seal("stranger", "CH").certificate


@pytest.fixture
def strict(fr: Node) -> Node:
    """France, where ch and de have registered TLS certificates."""
    return replace(fr, tls=TrustStore({"ch": (CH_TLS,), "de": (DE_TLS,)}))


async def test_all_three_agree(strict: Node) -> None:
    """The certificate is registered for the partner that hosts the sender and has signed."""
    await receive(envelope(), strict, Trail(tls=CH_TLS))
    assert len(await log_of(strict, kind=EntryKind.RECEIVED)) == 1


async def test_a_renewed_certificate_overlaps(strict: Node) -> None:
    """Several certificates of one partner count at the same time, so that none is missing when it changes."""
    both = replace(strict, tls=TrustStore({"ch": (STRANGER, CH_TLS)}))
    for certificate in (STRANGER, CH_TLS):
        await receive(envelope(), both, Trail(tls=certificate))


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (DE_TLS, "belongs to partner de; both must agree"),
        (STRANGER, "belongs to nobody who is registered here; both must agree"),
        (None, "the connection shows no TLS certificate; both must agree"),
    ],
)
async def test_they_disagree(strict: Node, shown, sentence: str) -> None:
    """The sentence names the sender's partner and the other one; nothing is stored, nothing is signed."""
    trail = Trail(tls=shown)
    with pytest.raises(IdentityMismatch, match=sentence) as refused:
        await receive(envelope(), strict, trail)
    assert "the envelope sender belongs to partner ch" in refused.value.message
    assert (refused.value.fields["one"], refused.value.fields["other"]) == ("envelope sender", "TLS identity")
    assert trail.actor == "stranger"
    assert await log_of(strict) == []


async def test_where_we_have_called_its_server_was_proven(strict: Node) -> None:
    """What lies in the mailbox that ch keeps for us came over a connection that we made and verified."""
    await receive(envelope(), strict, Trail(called="ch"))
    assert len(await log_of(strict, kind=EntryKind.RECEIVED)) == 1


async def test_a_mailbox_holds_messages_of_its_keeper_only(strict: Node) -> None:
    """A genuine envelope of ch in the mailbox that de keeps for us: both are named, nothing is kept."""
    with pytest.raises(
        IdentityMismatch, match="belongs to partner ch, but it lay in the mailbox that partner de"
    ):
        await receive(envelope(), strict, Trail(called="de"))
    assert await log_of(strict) == []


async def test_a_partner_without_registered_certificates_need_not_show_one(fr: Node) -> None:
    """A configuration from before TLS works as it did."""
    for known in (TrustStore({}), TrustStore({"de": (DE_TLS,)})):
        await receive(envelope(), replace(fr, tls=known), Trail())


@pytest.mark.parametrize("shown", [DE_TLS, STRANGER])
async def test_but_may_not_show_somebody_elses(fr: Node, shown) -> None:
    """A certificate that is shown is never passed over, also where none is demanded."""
    with pytest.raises(IdentityMismatch):
        await receive(envelope(), replace(fr, tls=TrustStore({"de": (DE_TLS,)})), Trail(tls=shown))


async def test_the_connection_does_not_replace_the_signature(strict: Node) -> None:
    """Over the right connection a wrong signature is refused all the same: three agree, or nothing passes."""
    with pytest.raises(SignatureRefused):
        await receive(envelope(key=gateway_key("FR")), strict, Trail(tls=CH_TLS))


async def test_a_certificate_out_of_its_time(strict: Node, clock: SetClock) -> None:
    """The last second counts, the next one is refused."""
    clock.at = CH_TLS.not_valid_after_utc + timedelta(seconds=1)
    with pytest.raises(Forbidden, match="is valid from"):
        await receive(envelope(), strict, Trail(tls=CH_TLS))
    clock.at = CH_TLS.not_valid_before_utc - timedelta(seconds=1)
    with pytest.raises(Forbidden, match="is valid from"):
        await receive(envelope(), strict, Trail(tls=CH_TLS))


async def test_a_tls_certificate_that_was_taken_back_is_turned_away(strict: Node) -> None:
    """The lists count for connections too; a list that is too old is no answer either."""
    certificate = leaf()
    node = replace(strict, tls=TrustStore({"ch": (certificate,)}))
    for made, good in (
        (crl(), True),
        (crl(revoked(100, NOW)), False),
        (crl(made=NOW - 4 * DAY, until=NOW - 2 * DAY), False),
    ):
        found = read_lists(made.public_bytes(Encoding.DER), "ca.crl", [authority()])
        listed = replace(node, revocations=Revocations(tuple(found)))
        if good:
            assert await receive(envelope(), listed, Trail(tls=certificate))
            continue
        with pytest.raises(Forbidden, match="is not accepted"):
            await receive(envelope(), listed, Trail(tls=certificate))
