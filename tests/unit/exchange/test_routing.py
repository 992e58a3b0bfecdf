import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, directory

from gateway.exchange.routing import Hop, route
from gateway.permits.identity import AuthorityId


def ids(text):
    """`ids("CH:MA FR:MA")`."""
    return tuple(map(AuthorityId.parse, text.split()))


def test_an_export_permit_goes_to_the_other_party_and_to_our_customs():
    """The importing Party's authority and customs get one message; our customs get it here."""
    known = directory("CH:MA CH:CUSTOMS", fr="FR:MA FR:CUSTOMS")
    planned = route(issuer=CH_MA, exporter="CH", importer="FR", directory=known)
    assert planned.local == (CH_CUSTOMS,)
    assert planned.hops == (Hop("fr", FR_MA),)
    assert planned.findings == ()


def test_an_import_permit_goes_to_the_exporting_party_and_to_our_customs():
    """Who issues an import permit is the importing Party: the exporting one gets the message."""
    known = directory("FR:MA FR:CUSTOMS", ch="CH:MA CH:CUSTOMS")
    planned = route(issuer=FR_MA, exporter="CH", importer="FR", directory=known)
    assert planned.local == (FR_CUSTOMS,)
    assert planned.hops == (Hop("ch", CH_MA),)


def test_the_receiving_side_hands_on_with_the_same_function():
    """At the importing Party's gateway both of its authorities are local, and nothing is sent back."""
    known = directory("FR:MA FR:CUSTOMS", ch="CH:MA")
    planned = route(issuer=CH_MA, exporter="CH", importer="FR", directory=known)
    assert planned.local == (FR_MA, FR_CUSTOMS)
    assert planned.hops == ()


def test_the_issuer_never_receives_its_own_permit():
    """The issuer is left out of hops and of local authorities alike."""
    planned = route(issuer=CH_MA, exporter="CH", importer="CH", directory=directory("CH:MA CH:CUSTOMS"))
    assert planned.local == (CH_CUSTOMS,)
    assert planned.findings == ()


def test_other_authorities_of_the_issuing_party_receive():
    """A second Management Authority of the issuing Party is concerned and receives the permit."""
    issuer = AuthorityId.parse("DE:MA-BfN")
    known = directory("DE:MA-BfN DE:MA-Other DE:CUSTOMS", fr="FR:MA FR:CUSTOMS")
    planned = route(issuer=issuer, exporter="DE", importer="FR", directory=known)
    assert planned.local == ids("DE:MA-Other DE:CUSTOMS")


def test_all_management_authorities_of_a_party_receive():
    """A Party with several authorities behind several gateways gets one message per gateway."""
    known = directory("CH:MA", bfn="DE:MA-BfN", zoll="DE:CUSTOMS", land="DE:MA-Land DE:CUSTOMS-Land")
    planned = route(issuer=CH_MA, exporter="CH", importer="DE", directory=known)
    assert {hop.partner for hop in planned.hops} == {"bfn", "zoll", "land"}
    assert Hop("land", AuthorityId.parse("DE:MA-Land")) in planned.hops


def test_one_message_per_partner_even_for_a_hub():
    """A hub that hosts both Parties' authorities gets one message, for the most important recipient."""
    known = directory("CH:MA", hub="CH:CUSTOMS FR:CUSTOMS FR:MA")
    planned = route(issuer=CH_MA, exporter="CH", importer="FR", directory=known)
    assert planned.hops == (Hop("hub", FR_MA),)


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (directory("CH:MA CH:CUSTOMS"), ["Management Authority of FR", "customs of FR"]),
        (directory("CH:MA CH:CUSTOMS", fr="FR:MA"), ["customs of FR"]),
        (directory("CH:MA CH:CUSTOMS", fr="FR:CUSTOMS"), ["Management Authority of FR"]),
        (directory("CH:MA", fr="FR:MA FR:CUSTOMS"), ["customs of CH"]),
        (directory("CH:MA CH:CUSTOMS", fr="FR:HUB"), ["Management Authority of FR", "customs of FR"]),
    ],
    ids=["nobody", "no customs", "no authority", "no customs of our own", "a hub is nobody"],
)
def test_who_is_not_registered_is_said(known, missing):
    """Each recipient that cannot be reached is a warning that says what to do, and never an error."""
    planned = route(issuer=CH_MA, exporter="CH", importer="FR", directory=known)
    assert len(planned.findings) == len(missing)
    for finding, who in zip(planned.findings, missing, strict=True):
        assert f"no {who} is registered here" in finding.message
        assert finding.severity.value == "warning"


def test_a_permit_without_countries_goes_to_nobody():
    """Absent countries are the rules' business: the route is empty and does not fail."""
    planned = route(issuer=CH_MA, exporter="", importer="", directory=directory("CH:MA", fr="FR:MA"))
    assert (planned.local, planned.hops, planned.findings) == ((), (), ())
