"""A partner is tried out: by our own gateway everything passes, and each mistake of a partner is found."""

from dataclasses import dataclass, replace

import pytest
from support.exchange import FR_CUSTOMS, FR_MA
from support.gateways import DirectCourier, gateway_key, keyring
from support.keys import NOW, seal

from gateway.codec.registry import inspect
from gateway.errors import Forbidden, GatewayError, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Directory, Partner
from gateway.flows.inboxes import list_waiting
from gateway.flows.ports import Node
from gateway.flows.probe import Knowledge, conclude, prepare, probe
from gateway.flows.trial_permit import trial_permit
from gateway.signatures.keyring import GATEWAY, OwnKey, TrustStore
from gateway.signatures.rolling import as_if
from gateway.xmlio.parse import parse


@dataclass(slots=True)
class Wire:
    """Carries to the other gateway's flow, and makes of its errors what comes over HTTP."""

    there: Node
    silent: bool = False

    async def carry(self, partner: Partner, data: bytes) -> bytes:
        """Carry one envelope."""
        if self.silent:
            raise PartnerUnreachable("nobody answers")
        try:
            return await DirectCourier(self.there).carry(partner, data)
        except GatewayError as error:
            raise PartnerAnsweredWrongly(error.message, status=403, said=error.code) from error


class Careless(Wire):
    """A partner that answers whatever comes with the receipt that it gave first."""

    def __init__(self, there: Node) -> None:
        """Nothing was answered yet."""
        super().__init__(there)
        self._first = b""

    async def carry(self, partner: Partner, data: bytes) -> bytes:
        """Carry the first envelope only."""
        self._first = self._first or await DirectCourier(self.there).carry(partner, data)
        return self._first


def results(trials):
    """What came of each trial."""
    return {trial.id: trial.passed for trial in trials}


async def test_our_own_gateway_does_all_that_is_expected(ch: Node, fr: Node) -> None:
    """Every case passes, the ones that must be turned away too, and nobody gets a permit."""
    trials = await probe(ch.directory.partners["fr"], ch, Wire(fr), thorough=True)
    assert {trial.id: trial.result for trial in trials if not trial.passed} == {}
    assert len(trials) == 11
    for authority in (FR_MA, FR_CUSTOMS):
        assert await list_waiting(authority, after="", limit=10, node=fr) == []


async def test_without_being_thorough_nothing_bad_is_sent(ch: Node, fr: Node) -> None:
    """Three messages, which leave no refusal in the partner's log."""
    trials = await probe(ch.directory.partners["fr"], ch, Wire(fr))
    assert results(trials) == {"receipt": True, "accepted": True, "repetition": True}


async def test_a_silent_partner_is_told_from_a_bad_one(ch: Node, fr: Node) -> None:
    """Without a first receipt the rest is not tried, and nothing is claimed."""
    trials = await probe(ch.directory.partners["fr"], ch, Wire(fr, silent=True), thorough=True)
    assert results(trials).pop("receipt") is False
    assert {trial.passed for trial in trials[1:]} == {None}


async def test_a_careless_partner_is_found(ch: Node, fr: Node) -> None:
    """A receipt for another message proves nothing, and a partner that sends one is not as it must be."""
    trials = await probe(ch.directory.partners["fr"], ch, Careless(fr), thorough=True)
    assert results(trials)["unsealed"] is not True
    assert results(trials)["id-reused"] is not True


async def test_a_partner_that_does_not_know_our_seal_says_so(ch: Node, fr: Node) -> None:
    """The receipt is there, and says that the seal is not registered."""
    stranger = TrustStore({**fr.trust.by_owner, "CH:MA": (seal("another", "CH").certificate,)})
    trials = await probe(ch.directory.partners["fr"], ch, Wire(replace(fr, trust=stranger)))
    assert results(trials) == {"receipt": True, "accepted": False, "repetition": True}
    assert "signature.no-signing-certificate-found" in trials[1].result


@pytest.mark.parametrize("owner", [GATEWAY, "CH:MA"])
@pytest.mark.parametrize("known", [True, False])
async def test_who_knows_the_next_key(ch: Node, fr: Node, owner: str, *, known: bool) -> None:
    """A partner that has registered the next certificate accepts it; one that has not refuses it."""
    following = seal("next", "CH")
    node = replace(ch, keys=as_if(ch.keys, OwnKey(owner, "next", following.certificate, following)))
    if known:
        name = "ch" if owner == GATEWAY else owner
        owned = {**fr.trust.by_owner, name: (*fr.trust.of(name), following.certificate)}
        fr = replace(fr, trust=TrustStore(owned))
    probing = prepare(ch.directory.partners["fr"], node, Wire(fr))
    answer = await probing.send(probing.message())
    assert conclude(answer) is (Knowledge.ACCEPTS if known else Knowledge.REFUSES)


async def test_silence_says_nothing_about_a_key(ch: Node, fr: Node) -> None:
    """Unknown is neither yes nor no."""
    probing = prepare(ch.directory.partners["fr"], ch, Wire(fr, silent=True))
    assert conclude(await probing.send(probing.message())) is Knowledge.UNKNOWN


async def test_who_cannot_seal_cannot_test(ch: Node, fr: Node) -> None:
    """A gateway of customs alone has no permit to send."""
    bare = replace(ch, keys=keyring(**{GATEWAY: gateway_key("CH")}))
    with pytest.raises(Forbidden, match="needs a Management Authority with a seal"):
        await probe(ch.directory.partners["fr"], bare, Wire(fr))
    empty = replace(ch, directory=Directory(ch.directory.hosted, {}))
    with pytest.raises(Forbidden):
        await probe(Partner("xx", "http://x.invalid", ()), empty, Wire(fr))


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_test_permit_breaks_no_rule(version: str) -> None:
    """What a partner objects to is about keys and agreements; and it says that it is none."""
    data = trial_permit("TEST-1", exporter="CH", importer="FR", at=NOW, version=version)
    inspection = inspect(parse(data), at=NOW)
    assert [finding.message for finding in inspection.report.findings] == []
    assert b"NOT A PERMIT" in data
