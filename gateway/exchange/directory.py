"""Who takes part, and behind which gateway."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.paperless import PaperlessAgreement
from gateway.exchange.records import Direction
from gateway.exchange.retry import RetryPolicy
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
    retry: RetryPolicy | None = None
    """When to try again; None: as for everybody."""
    at_once: int = 0
    """Messages on their way to it at the same time; 0: as for everybody."""
    mailbox: bool = False
    """It only calls out: nothing is sent to it, its messages wait here until it collects them."""
    mailbox_url: str = ""
    """Where it keeps a mailbox for us; empty when it sends to us."""
    bytes_at_once: int = 0
    """Bytes of all messages on their way to it at the same time; 0: as for everybody."""

    def reads(self, version: str) -> bool:
        """True when it reads that message version, or when nobody told which it reads."""
        return not self.versions or version in self.versions

    def allows(self, direction: Direction, kind: str) -> bool:
        """True when such a message may travel in that direction, seen from us."""
        return not self.allowed or Allowed(direction, kind) in self.allowed

    def under(self, rule: ChannelRule) -> tuple[AuthorityId, ...]:
        """The authorities that a channel rule of this partner is about."""
        return tuple(channel.authority for channel in self.channels if channel.rule is rule)


@dataclass(frozen=True, slots=True)
class Directory:
    """
    The authorities that live here and the partners that we know.

    It is asked several times for each message and seldom changes, so who speaks for whom is worked out once.
    """

    hosted: frozenset[AuthorityId]
    partners: Mapping[str, Partner]
    agreements: tuple[PaperlessAgreement, ...] = ()
    """Which Parties accept each other's electronic permits instead of paper."""
    _speakers: Mapping[AuthorityId, tuple[Partner, ...]] = field(init=False, repr=False, compare=False)
    _parties: Mapping[tuple[str, Role], tuple[AuthorityId, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Work out who speaks for whom, and who belongs to which Party."""
        object.__setattr__(self, "_speakers", _speakers(self.hosted, self.partners.values()))
        object.__setattr__(self, "_parties", _parties(self.hosted, self._speakers))

    def paperless(self, one: str, other: str, day: date) -> PaperlessAgreement | None:
        """The agreement of two Parties to go without paper that holds on a day."""
        return next((each for each in self.agreements if each.covers(one, other, day)), None)

    def partner_of(self, authority: AuthorityId) -> Partner | None:
        """
        The partner to which messages for `authority` go: behind which it lives, else one that acts for it.

        None when it is hosted here or unknown.
        """
        return next(iter(self.speakers_of(authority)), None)

    def speakers_of(self, authority: AuthorityId) -> tuple[Partner, ...]:
        """The partners that may speak for `authority`, the one behind which it lives first."""
        return self._speakers.get(authority, ())

    def of_party(self, party: str, role: Role) -> tuple[AuthorityId, ...]:
        """Every known authority of a Party with that role, hosted ones first, each group in order."""
        return self._parties.get((party, role), ())


def _speakers(
    hosted: frozenset[AuthorityId], partners: Iterable[Partner]
) -> dict[AuthorityId, tuple[Partner, ...]]:
    """Who may speak for each authority that does not live here."""
    behind: dict[AuthorityId, list[Partner]] = defaultdict(list)
    acting: dict[AuthorityId, list[Partner]] = defaultdict(list)
    for partner in partners:
        for authority in partner.authorities:
            behind[authority].append(partner)
        for authority in partner.under(ChannelRule.ACT_FOR):
            acting[authority].append(partner)
    there = {*behind, *acting} - hosted
    return {authority: (*behind[authority], *acting[authority]) for authority in there}


def _parties(
    hosted: frozenset[AuthorityId], there: Iterable[AuthorityId]
) -> dict[tuple[str, Role], tuple[AuthorityId, ...]]:
    """The authorities of each Party by role."""
    found: dict[tuple[str, Role], tuple[AuthorityId, ...]] = {}
    for authority in (*sorted(hosted), *sorted(there)):
        key = (authority.party, authority.role)
        found[key] = (*found.get(key, ()), authority)
    return found
