"""Whom this gateway believes, as facts that two persons can agree to; and what counts of those agreed."""

import base64
from collections.abc import Iterator
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.exchange.channels import Channel, ChannelRule
from gateway.exchange.directory import Directory, Partner
from gateway.flows.learn import Known
from gateway.people.proposals import RULE, Fact, Facts
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import fingerprint, subject_of
from gateway.wording import Words, say

LIVES = "lives-here"
"""The owner is an authority of this gateway."""
PARTNER = "is-partner"
BEHIND = "stands-behind"
"""The value is an authority behind the owner, a partner: whose permits it may send."""
SIGNS = "signs"
"""The value is a certificate of the owner."""
SHOWS = "shows-in-tls"
"""The value is a TLS certificate of the owner."""
SHORT = "may-be-short"
"""The owner is the fingerprint of a certificate whose RSA key is shorter than is usual."""
PUBLISHES = "publishes-directories"
"""The value is the certificate of somebody whose directories are believed."""


def facts_of(known: Known, publishers: tuple[x509.Certificate, ...] = ()) -> Facts:
    """All that is believed of others, and who lives here; not our own seals, whose keys lie here too."""
    return frozenset(_facts(known, publishers))


def believed(known: Known, agreed: Facts) -> Known:
    """
    What counts of what the files say: whom two have agreed to, with the certificates that they agreed to.

    A partner that the files do not know any more is not there: nobody could reach it. All else that was
    agreed goes on until two agree to the contrary, also a certificate whose file is gone.
    """
    hosted = frozenset(
        authority for authority in known.directory.hosted if Fact(LIVES, str(authority)) in agreed
    )
    partners = {
        name: _partner(partner, agreed)
        for name, partner in known.directory.partners.items()
        if Fact(PARTNER, name) in agreed
    }
    owners = {
        owner for partner in partners.values() for owner in (partner.id, *map(str, partner.authorities))
    }
    own = {owner: group for owner, group in known.trust.by_owner.items() if owner in _ours(known)}
    signs = {owner: _certificates(SIGNS, owner, agreed) for owner in owners}
    shows = {owner: _certificates(SHOWS, owner, agreed) for owner in owners | set(map(str, hosted))}
    short = frozenset(fact.owner for fact in agreed if fact.kind == SHORT)
    return Known(
        Directory(hosted, partners, known.directory.agreements),
        TrustStore(own | signs, short),
        TrustStore({owner: group for owner, group in shows.items() if group}),
    )


def in_words(fact: Fact) -> Words:
    """One fact as a sentence for people who must agree to it."""
    if fact.kind in (SIGNS, SHOWS, PUBLISHES):
        certificate = _certificate(fact.value)
        words = {"owner": fact.owner, "subject": subject_of(certificate), "digest": fingerprint(certificate)}
        if fact.kind == SIGNS:
            return say("{owner} signs with the certificate {subject}, SHA-256 {digest}", **words)
        if fact.kind == SHOWS:
            return say("{owner} shows in TLS the certificate {subject}, SHA-256 {digest}", **words)
        return say("directories signed with the certificate {subject}, SHA-256 {digest} are read", **words)
    if fact == RULE:
        return say("two persons must agree to a change of trust")
    words = {"owner": fact.owner, "value": fact.value}
    return {
        LIVES: say("{owner} lives here", **words),
        PARTNER: say("{owner} is a partner", **words),
        BEHIND: say("{owner} speaks for {value}", **words),
        SHORT: say("the certificate with SHA-256 {owner} may have a short key", **words),
        ChannelRule.ACT_FOR: say("{owner} may act for {value}", **words),
        ChannelRule.FORWARD_COPY: say("what comes from {owner} goes to {value} too", **words),
    }.get(fact.kind) or say("{owner}: {kind} {value}", kind=fact.kind, **words)


def _facts(known: Known, publishers: tuple[x509.Certificate, ...]) -> Iterator[Fact]:
    """One by one."""
    ours = _ours(known)
    yield from (Fact(LIVES, str(authority)) for authority in known.directory.hosted)
    for partner in known.directory.partners.values():
        yield Fact(PARTNER, partner.id)
        yield from (Fact(BEHIND, partner.id, str(authority)) for authority in partner.authorities)
        yield from (Fact(each.rule.value, partner.id, str(each.authority)) for each in partner.channels)
    for owner, group in known.trust.by_owner.items():
        if owner not in ours:
            yield from (Fact(SIGNS, owner, _text(each)) for each in group)
    for owner, group in known.tls.by_owner.items():
        yield from (Fact(SHOWS, owner, _text(each)) for each in group)
    yield from (Fact(SHORT, each) for each in known.trust.excepted)
    yield from (Fact(PUBLISHES, "somebody", _text(each)) for each in publishers)


def _partner(partner: Partner, agreed: Facts) -> Partner:
    """A partner with the authorities and the rules that were agreed to."""
    behind = tuple(
        AuthorityId.parse(fact.value)
        for fact in sorted(agreed)
        if (fact.kind, fact.owner) == (BEHIND, partner.id)
    )
    rules = tuple(each for each in partner.channels if _rule(each, partner.id) in agreed)
    return replace(partner, authorities=behind, channels=rules)


def _rule(channel: Channel, partner: str) -> Fact:
    """A rule for an authority beside those behind a partner, as a fact."""
    return Fact(channel.rule.value, partner, str(channel.authority))


def _ours(known: Known) -> frozenset[str]:
    """Whose certificates are those of keys that lie here."""
    return frozenset(map(str, known.directory.hosted))


def _certificates(kind: str, owner: str, agreed: Facts) -> tuple[x509.Certificate, ...]:
    """Those of an owner that two have agreed to, in a fixed order."""
    return tuple(
        _certificate(fact.value) for fact in sorted(agreed) if (fact.kind, fact.owner) == (kind, owner)
    )


def _text(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")


def _certificate(text: str) -> x509.Certificate:
    """And back."""
    return x509.load_der_x509_certificate(base64.b64decode(text))
