"""By which standards a gateway reads and judges: message versions, reading profile, severities, species."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.gateways import envelope, gateway_key
from support.keys import NOW, seal
from support.permits import permit

from gateway.codec.profile import Profile
from gateway.codec.registry import encode
from gateway.errors import PermitInvalid, UnknownDocument
from gateway.exchange import receipts
from gateway.exchange.receipts import Outcome, Receipt
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.flows.standards import Standards
from gateway.permits import species
from gateway.permits.identity import AuthorityId
from gateway.permits.rules import Evidence, RuleSettings
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse

CH_MA = AuthorityId.parse("CH:MA")
SAMPLE = Path(__file__).parents[2] / "fixtures" / "species" / "sample.json"


def as_version(version: str) -> bytes:
    """A good permit in a message version."""
    model = {"v3": "22A"}.get(version, "09A")
    good = permit()
    models = tuple(
        replace(one, id=replace(one.id, value=model) if one.id else None) for one in good.context.models
    )
    return encode(replace(good, context=replace(good.context, models=models)), version)


def sealed(data: bytes) -> bytes:
    """That document with the seal of CH:MA."""
    return sign(parse(data).root, seal())


async def answer(data: bytes, node: Node) -> Receipt:
    """What the French gateway says to an envelope with that payload."""
    receipt = await receive(envelope(data), node, Trail())
    return receipts.read(verify(parse(receipt), [gateway_key("FR").certificate], at=NOW).root)


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_the_published_versions_are_accepted(version: str, ch: Node, fr: Node) -> None:
    """v1 and v2 are issued and received without a word in the configuration."""
    assert await issue(as_version(version), CH_MA, "", ch, Trail())
    assert (await answer(sealed(as_version(version)), fr)).outcome is Outcome.ACCEPTED


async def test_v3_is_accepted_only_where_the_operator_says_so(ch: Node, fr: Node) -> None:
    """The namespaces of v3 are assumed, so that it is off until somebody switches it on."""
    with pytest.raises(UnknownDocument, match="v3 is not accepted here"):
        await issue(as_version("v3"), CH_MA, "", ch, Trail())
    receipt = await answer(sealed(as_version("v3")), fr)
    assert receipt.outcome is Outcome.NOT_READABLE
    assert receipt.findings[0].rule == "document.unknown-document"
    bold = Standards(versions=("v2", "v3"))
    assert await issue(as_version("v3"), CH_MA, "", replace(ch, standards=bold), Trail())
    fr = replace(fr, standards=bold)
    assert (await answer(sealed(as_version("v3")), fr)).outcome is Outcome.ACCEPTED


async def test_a_tolerant_gateway_reads_what_a_strict_one_refuses_and_says_so(fr: Node) -> None:
    """An empty indicator is refused in the strict profile; in the tolerant one the receipt says it."""
    odd = as_version("v2").replace(
        b"</PurposeCode>", b"</PurposeCode>\n    <Information></Information>", 1
    ).replace(b"<CopyIndicator>false</CopyIndicator>", b"<CopyIndicator></CopyIndicator>")  # fmt: skip
    data = sealed(odd)
    assert (await answer(data, fr)).outcome is Outcome.NOT_READABLE
    tolerant = replace(fr, standards=Standards(profile=Profile.TOLERANT))
    receipt = await answer(data, tolerant)
    assert receipt.outcome in {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS}
    assert {finding.rule for finding in receipt.findings} == {"tolerated.empty-element"}


async def test_what_is_issued_is_strict_even_at_a_tolerant_gateway(ch: Node) -> None:
    """Tolerance is for partners; our own documents go out as the schema wants them."""
    odd = as_version("v2").replace(
        b"<CopyIndicator>false</CopyIndicator>", b"<CopyIndicator></CopyIndicator>"
    )
    tolerant = replace(ch, standards=Standards(profile=Profile.TOLERANT))
    with pytest.raises(Exception, match="does not fit the schema"):
        await issue(odd, CH_MA, "", tolerant, Trail())


async def test_severities_are_those_of_the_configuration(ch: Node) -> None:
    """A warning that a deployment makes an error turns the permit away."""
    data = as_version("v2").replace(b"<ItemQuantity>", b'<ItemQuantity unitCode="PCS">')
    assert data != as_version("v2")
    assert (await issue(data, CH_MA, "", ch, Trail())).submission.findings[0].severity == "warning"
    stern = Standards(rules=RuleSettings(severity={"lines.unit-legacy": "error"}))
    with pytest.raises(PermitInvalid, match="not a unit of the CITES list"):
        await issue(data + b" ", CH_MA, "", replace(ch, standards=stern), Trail())


async def test_the_list_of_species_is_asked(ch: Node) -> None:
    """With a list of species a name that it does not have is refused, with the one that was meant."""
    misspelt = as_version("v2").replace(b"Varanus salvator", b"Aligator mississippiensis")
    assert misspelt != as_version("v2")
    learned = Standards(evidence=Evidence(species=species.load(SAMPLE)))
    assert learned.evidence.species is not None
    assert isinstance(learned.evidence.species.dated, date)
    with pytest.raises(PermitInvalid, match="Alligator mississippiensis"):
        await issue(misspelt, CH_MA, "", replace(ch, standards=learned), Trail())
