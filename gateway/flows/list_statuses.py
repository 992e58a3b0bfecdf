"""An issuer lists, signed, which of its permits must not be used any more."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.errors import KeyMaterialError, NotFound
from gateway.flows.ports import Node
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.status_list import KIND, StatusList, barred_by, to_claims
from gateway.signatures.compact import sign_compact
from gateway.signatures.keys import SigningKey

LIFE = timedelta(hours=48)
"""How long a list counts when nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class MadeList:
    """A list and its signed text."""

    statuses: StatusList
    text: str


async def list_statuses(authority: AuthorityId, node: Node, life: timedelta = LIFE) -> MadeList:
    """
    The list of a Party, signed by one of its Management Authorities that lives here.

    1. Only one that has a seal here signs.
    2. Every change of status of the Party's permits that is known here, also of those on paper; what is over,
       and what never counted, is left out.
    3. It counts from now on for as long as `life`.

    Raises `KeyMaterialError`, or `MalformedRequest` for a life that is too long.
    """
    now = node.clock.now().replace(microsecond=0)
    # 1
    key = node.keys.active(str(authority), now)
    # 2
    async with node.storage.read() as transaction:
        known = await transaction.notices.changes_of(authority.party)
    importers = {change.permit: importer for change, importer in known}
    barred = barred_by((change for change, _ in known), importers)
    # 3
    statuses = StatusList(authority.party, now, now + life, barred)
    return MadeList(statuses, await node.desk.run(b"", _signed, statuses, key))


def lister_of(party: str, node: Node) -> AuthorityId:
    """The Management Authority here that signs the list of a Party; raises `NotFound` when there is none."""
    now = node.clock.now()
    for authority in node.directory.of_party(party, Role.MA):
        if authority not in node.directory.hosted:
            continue
        try:
            node.keys.active(str(authority), now)
        except KeyMaterialError:
            continue
        return authority
    raise NotFound(
        "no Management Authority that lives here lists the permits of this Party",
        advice="ask the gateway of the Party itself",
    )


def _signed(statuses: StatusList, key: SigningKey) -> str:
    """The signed text (step 3)."""
    return sign_compact(to_claims(statuses), key, kind=KIND)
