"""Who sees what of a permit: the table, and nothing beside it."""

from dataclasses import fields
from typing import Any

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA

from gateway.permits.identity import AuthorityId
from gateway.permits.statement import BriefLine, Statement
from gateway.permits.views import MEMBERS, Audience, audience_of, seen

DE_MA, DE_CUSTOMS = AuthorityId.parse("DE:MA"), AuthorityId.parse("DE:CUSTOMS")

STATED = {
    "ref": ("issuer", "number"),
    "type_code": ("type",),
    "digest": ("digest",),
    "made_at": ("answered_at",),
    "begins": ("valid_from",),
    "ends": ("valid_until",),
    "last_day": ("valid_until",),
    "importer": ("importer",),
    "lines": ("lines",),
    "line_count": ("lines",),
}
"""What each part of a QR code's statement tells."""
BRIEF = {"letter": "line", "name": "scientific_name"}
"""Parts of a line in brief that are called otherwise in an answer."""


def everything() -> dict[str, Any]:
    """An answer with each member of the table, and one more in each place that nobody may see."""
    whole: dict[str, Any] = {"unheard-of": "secret"}
    for name in MEMBERS:
        parent, _, child = name.partition(".")
        if child:
            (member,) = whole[parent]
            member[child] = name
        elif any(other.startswith(f"{name}.") for other in MEMBERS):
            whole[name] = [{"unheard-of": "secret"}]
        elif name == "reasons":
            whole[name] = []
        else:
            whole[name] = name
    return whole


@pytest.mark.parametrize("audience", Audience)
def test_each_audience_gets_what_the_table_says_and_nothing_else(audience: Audience) -> None:
    """Member by member, in the answer and in the objects of its lists."""
    got = seen(everything(), audience)
    flat = set(got) | {
        f"{name}.{key}"
        for name, value in got.items()
        if isinstance(value, list)
        for each in value
        for key in each
    }
    assert flat == {name for name, audiences in MEMBERS.items() if audience in audiences}
    assert "secret" not in str(got)


@pytest.mark.parametrize(
    ("audience", "withheld"),
    [
        (Audience.CONCERNED, set()),
        (Audience.FOREIGN_MA, {"balances", "paperless", "received_at", "lines.description"}),
        (Audience.FOREIGN_CUSTOMS, {"balances", "changes", "paperless", "received_at", "lines.description"}),
        (Audience.PUBLIC, {"balances", "changes", "reasons", "exporter", "signature", "lines.description"}),
        (Audience.STATISTICS, {"number", "digest", "reasons", "changes", "received_at", "lines.line"}),
    ],
)
def test_what_is_withheld(audience: Audience, withheld: set[str]) -> None:
    """Written down once more, so that a slip in the table is seen."""
    assert not {name for name in withheld if audience in MEMBERS[name]}
    assert all(audience in MEMBERS[name] for name in ("issuer", "type", "importer", "lines.scientific_name"))


def test_what_a_party_of_the_permit_may_see() -> None:
    """Everything."""
    assert all({Audience.ISSUING, Audience.CONCERNED} <= audiences for audiences in MEMBERS.values())


def test_a_member_of_a_list_is_seen_only_with_its_list() -> None:
    """The table does not give a part without the whole."""
    for name, audiences in MEMBERS.items():
        parent, _, child = name.partition(".")
        if child:
            assert audiences <= MEMBERS[parent]


def test_a_qr_code_tells_the_public_no_more_than_the_table() -> None:
    """Every part of the statement and of its lines is a member that the public may see."""
    assert {field.name for field in fields(Statement)} == set(STATED)
    told = {name for names in STATED.values() for name in names}
    told |= {f"lines.{BRIEF.get(field.name, field.name)}" for field in fields(BriefLine)}
    assert not {name for name in told if Audience.PUBLIC not in MEMBERS[name]}


@pytest.mark.parametrize(
    ("caller", "audience"),
    [
        (CH_MA, Audience.ISSUING),
        (CH_CUSTOMS, Audience.ISSUING),
        (FR_MA, Audience.CONCERNED),
        (FR_CUSTOMS, Audience.CONCERNED),
        (DE_MA, Audience.FOREIGN_MA),
        (DE_CUSTOMS, Audience.FOREIGN_CUSTOMS),
    ],
)
def test_as_what_an_authority_looks(caller: AuthorityId, audience: Audience) -> None:
    """By its Party, and where that is foreign, by its role."""
    assert audience_of(caller, "CH", ("CH", "FR")) is audience


def test_a_permit_of_which_nothing_is_known_but_its_issuer() -> None:
    """Nobody but the issuing Party is taken for a Party of it."""
    assert audience_of(FR_CUSTOMS, "CH") is Audience.FOREIGN_CUSTOMS


def reason(rule: str, weight: str) -> dict[str, str]:
    """One reason of an answer."""
    return {"rule": rule, "weight": weight}


@pytest.mark.parametrize("audience", [Audience.FOREIGN_MA, Audience.FOREIGN_CUSTOMS])
def test_reasons_that_change_nothing_are_for_the_parties(audience: Audience) -> None:
    """What weighs in the verdict is told, and so is who knows the permit; where else it was used is not."""
    told = [
        reason("use.nothing-left", "against"),
        reason("counterparts.countries-differ", "doubt"),
        reason("seal.holds", "for"),
        reason("known.not-here", "note"),
        reason("issuer.no-answer", "note"),
    ]
    private = [reason("use.partly", "note"), reason("paper.due", "note"), reason("knownish.x", "note")]
    assert seen({"reasons": told + private}, audience) == {"reasons": told}
    assert seen({"reasons": told + private}, Audience.CONCERNED) == {"reasons": told + private}
