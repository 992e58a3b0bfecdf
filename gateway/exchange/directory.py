"""Who takes part, and behind which gateway."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.records import Direction
from gateway.permits.identity import AuthorityId, Role


@dataclass(frozen=True, slots=True)
class Partner:
    """A remote gateway, for one or more authorities."""

    id: str
    """Short name chosen by our operator, for example `fr`."""
    url: str
    """Where it takes envelopes; may be empty for one that has a mailbox here."""
    authorities: tuple[AuthorityId, ...]
    versions: tuple[str, ...] = ()
    """Message versions that it reads; empty when nobody told."""
    allowed: tuple[Allowed, ...] = ()
    """What may travel; everything when nothing stands here."""
    channels: tuple[Channel, ...] = ()
    mailbox: bool = False
    """It only calls out: nothing is sent to it, its messages wait here until it collects them."""
    mailbox_url: str = ""
    """Where it keeps a mailbox for us; empty when it sends to us."""

    def reads(self, version: str) -> bool:
        """True when it reads that message version, or when nobody told which it reads."""
        return not self.versions or version in self.versions

    def allows(self, direction: Direction, kind: str) -> bool:
        """True when such a message may travel in that direction, seen from us."""
        return not self.allowed or Allowed(direction, kind) in self.allowed

    def under(self, rule: ChannelRule) -> tuple[AuthorityId, ...]:
        """The authorities that a channel rule of this partner is about."""
        return tuple(channel.authority for channel in self.channels if channel.rule is rule)

    def speaks_for(self, authority: AuthorityId) -> bool:
        """True when the authority lives behind it, or when it may act for it."""
        return authority in self.authorities or authority in self.under(ChannelRule.ACT_FOR)


@dataclass(frozen=True, slots=True)
class Directory:
    """The authorities that live here and the partners that we know."""

    hosted: frozenset[AuthorityId]
    partners: Mapping[str, Partner]

    def partner_of(self, authority: AuthorityId) -> Partner | None:
        """
        The partner to which messages for `authority` go: behind which it lives, else one that acts for it.

        None when it is hosted here or unknown.
        """
        return next(iter(self.speakers_of(authority)), None)

    def speakers_of(self, authority: AuthorityId) -> tuple[Partner, ...]:
        """The partners that may speak for `authority`, the one behind which it lives first."""
        if authority in self.hosted:
            return ()
        found = [partner for partner in self.partners.values() if partner.speaks_for(authority)]
        return tuple(sorted(found, key=lambda partner: authority not in partner.authorities))

    def of_party(self, party: str, role: Role) -> tuple[AuthorityId, ...]:
        """Every known authority of a Party with that role, hosted ones first, each group in order."""
        here = sorted(a for a in self.hosted if a.party == party and a.role is role)
        behind = {a for p in self.partners.values() for a in (*p.authorities, *p.under(ChannelRule.ACT_FOR))}
        there = sorted(a for a in behind - self.hosted if a.party == party and a.role is role)
        return (*here, *there)
