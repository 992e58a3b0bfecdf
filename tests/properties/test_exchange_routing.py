from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.directory import Directory, Partner
from gateway.exchange.routing import route
from gateway.permits.identity import AuthorityId, Role

PARTIES = ["CH", "FR", "DE"]
authorities = st.builds(
    AuthorityId, st.sampled_from(PARTIES), st.sampled_from(Role), st.sampled_from(["", "A", "B"])
)


@st.composite
def directories(draw):
    """A directory in which each authority lives in one place."""
    homes = draw(st.dictionaries(authorities, st.sampled_from(["", "one", "two", "three"]), max_size=12))
    behind = {name: tuple(a for a, home in homes.items() if home == name) for name in ("one", "two", "three")}
    return Directory(
        frozenset(authority for authority, home in homes.items() if not home),
        {name: Partner(name, "http://x.invalid/", living) for name, living in behind.items()},
    )


journeys = {
    "issuer": authorities,
    "exporter": st.sampled_from([*PARTIES, "", "XX"]),
    "importer": st.sampled_from([*PARTIES, "", "XX"]),
    "directory": directories(),
}


@given(**journeys)
def test_everybody_concerned_is_reached_once_and_nobody_else(issuer, exporter, importer, directory):
    """Authorities and customs of the two Parties, without the issuer, each through exactly one way."""
    planned = route(issuer=issuer, exporter=exporter, importer=importer, directory=directory)
    everybody = [*directory.hosted, *(a for p in directory.partners.values() for a in p.authorities)]
    wanted = {
        authority
        for authority in everybody
        if authority.party in (exporter, importer) and authority.role is not Role.HUB and authority != issuer
    }
    reached = {a for hop in planned.hops for a in directory.partners[hop.partner].authorities} & wanted
    assert set(planned.local) == wanted & directory.hosted
    assert len(set(planned.local)) == len(planned.local)
    assert reached | set(planned.local) == wanted
    assert not reached & set(planned.local)


@given(**journeys)
def test_a_partner_gets_one_message_addressed_to_one_of_its_own(issuer, exporter, importer, directory):
    """One hop per partner, and its recipient lives behind that partner and is concerned."""
    planned = route(issuer=issuer, exporter=exporter, importer=importer, directory=directory)
    partners = [hop.partner for hop in planned.hops]
    assert len(set(partners)) == len(partners)
    for hop in planned.hops:
        assert directory.partner_of(hop.recipient).id == hop.partner
        assert hop.recipient.party in (exporter, importer)
        assert hop.recipient != issuer


@given(**journeys)
def test_the_same_question_has_the_same_answer(issuer, exporter, importer, directory):
    """Routing is a function: a repetition plans the same journey."""
    asked = {"issuer": issuer, "exporter": exporter, "importer": importer, "directory": directory}
    assert route(**asked) == route(**asked)
