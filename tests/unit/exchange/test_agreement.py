import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, REF, header

from gateway.exchange.agreement import disagreements
from gateway.permits.findings import Area, Severity
from gateway.permits.identity import AuthorityId, PermitRef

PROVEN = {"permit": REF, "parties": ("CH", "FR"), "sealed_by": [CH_MA]}


def rules(sent=None, **changes):
    """The rules of all disagreements, after checking that each is an error about identity."""
    found = disagreements(sent or header(), **{**PROVEN, **changes})
    assert all(f.severity is Severity.ERROR and f.area is Area.IDENTITY for f in found)
    assert all("both must agree" in f.message for f in found)
    return [finding.rule for finding in found]


def test_a_message_in_which_all_agree_has_no_finding():
    """Envelope, seal and permit name the same Party, and the recipient is of one that it names."""
    assert rules() == []


@pytest.mark.parametrize("recipient", [FR_MA, FR_CUSTOMS])
def test_each_authority_hosted_here_may_be_the_recipient(recipient):
    """Management Authority and customs of a Party named in the permit are both right."""
    assert rules(header(recipient=recipient)) == []


def test_another_authority_of_the_issuing_party_may_send():
    """The Party counts: customs of the issuer may pass the permit on."""
    assert rules(header(sender=CH_CUSTOMS)) == []


@pytest.mark.parametrize("other", [PermitRef("CH", "another"), PermitRef("CH", REF.number.lower())])
def test_the_reference_must_be_that_of_the_permit(other):
    """A header that announces another number is the only disagreement, and both numbers are said."""
    found = disagreements(header(permit=other), **PROVEN)
    assert [finding.rule for finding in found] == ["identity.permit-reference"]
    assert str(other) in found[0].message
    assert str(REF) in found[0].message


def test_the_sender_must_belong_to_the_issuing_party():
    """A permit of Switzerland that Germany sends is refused for its sender alone."""
    assert rules(header(sender=AuthorityId.parse("DE:MA"))) == ["identity.envelope-sender"]


@pytest.mark.parametrize(
    "seals",
    [[], [FR_MA], [CH_CUSTOMS], [AuthorityId.parse("CH:HUB")], [FR_MA, CH_CUSTOMS]],
    ids=["nobody", "another Party", "customs", "hub", "two wrong ones"],
)
def test_the_seal_must_be_that_of_the_issuers_management_authority(seals):
    """Customs, hubs and other Parties seal no permits of this issuer."""
    assert rules(sealed_by=seals) == ["identity.seal-of-the-permit"]


def test_one_right_owner_of_a_shared_seal_is_enough():
    """A certificate that several authorities registered counts for each of them."""
    assert rules(sealed_by=[FR_MA, AuthorityId.parse("CH:MA-Geneva")]) == []


def test_a_recipient_whose_party_is_not_named_is_refused():
    """The permit does not concern the Party of the recipient."""
    sent = header(recipient=AuthorityId.parse("IT:MA"))
    found = disagreements(sent, **PROVEN)
    assert [finding.rule for finding in found] == ["identity.recipient"]
    assert "Parties named in the permit: CH, FR" in found[0].message


def test_the_issuer_is_named_by_its_permit():
    """A recipient of the issuing Party is concerned even when neither end of the journey names it."""
    assert rules(header(recipient=CH_CUSTOMS), parties=("FR", "DE")) == []


def test_every_disagreement_is_told_at_once():
    """The sender learns all that is wrong from one receipt."""
    sent = header(
        permit=PermitRef("DE", "x"), sender=AuthorityId.parse("DE:MA"), recipient=AuthorityId.parse("IT:MA")
    )
    assert len(rules(sent, sealed_by=[])) == 4
