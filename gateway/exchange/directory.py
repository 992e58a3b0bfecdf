"""Who takes part, and behind which gateway."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.permits.identity import AuthorityId, Role


@dataclass(frozen=True, slots=True)
class Partner:
    """A remote gateway, for one or more authorities."""

    id: str
    """Short name chosen by our operator, for example `fr`."""
    url: str
    """Where it takes envelopes."""
    authorities: tuple[AuthorityId, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """The authorities that live here and the partners that we know."""

    hosted: frozenset[AuthorityId]
    partners: Mapping[str, Partner]

    def partner_of(self, authority: AuthorityId) -> Partner | None:
        """The partner behind which `authority` lives; None when it is hosted here or unknown."""
        for partner in self.partners.values():
            if authority in partner.authorities:
                return partner
        return None

    def of_party(self, party: str, role: Role) -> tuple[AuthorityId, ...]:
        """Every known authority of a Party with that role, hosted ones first, each group in order."""
        here = sorted(a for a in self.hosted if a.party == party and a.role is role)
        there = sorted(
            a for p in self.partners.values() for a in p.authorities if a.party == party and a.role is role
        )
        return (*here, *there)
