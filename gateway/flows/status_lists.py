"""Status lists in hand: proven once, asked often."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from gateway.errors import MalformedRequest, SignatureRefused
from gateway.flows.admission import seals_of_party
from gateway.flows.ports import Node
from gateway.permits.status_list import KIND, StatusList, from_claims
from gateway.signatures.compact import Ceiling, read_compact, verify_compact
from gateway.signatures.issuer_folder import IssuerFolder, party_of
from gateway.signatures.keys import subject_of
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.revocation import NO_LISTS, Revocations, RevocationState, check_revocation
from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import Words, phrase, say

LIST_CEILING = Ceiling(text=4 * 1024 * 1024, claims=16 * 1024 * 1024)
"""A list of 100,000 barred permits has 7 MB of claims."""


@dataclass(frozen=True, slots=True)
class Issuers:
    """Whom we believe: what is needed to check a statement, and nothing that a stranger brings."""

    by_party: Mapping[str, tuple[x509.Certificate, ...]]
    """The certificates that seal permits, by issuing Party."""
    revocations: Revocations = NO_LISTS
    policy: SignaturePolicy = field(default=DEFAULT_POLICY)

    @classmethod
    def of(cls, node: Node) -> "Issuers":
        """Those whom a gateway believes: the Management Authorities of its directory, with their seals."""
        parties = {owner.partition(":")[0] for owner in node.trust.by_owner if ":" in owner}
        return cls(
            {party: seals_of_party(party, node.directory, node.trust) for party in sorted(parties)},
            node.revocations,
            node.policy,
        )

    @classmethod
    def in_folder(cls, folder: IssuerFolder, policy: SignaturePolicy = DEFAULT_POLICY) -> "Issuers":
        """Those of a folder; a certificate speaks for the Party that it names as its country."""
        by_party: dict[str, tuple[x509.Certificate, ...]] = {}
        for certificate in folder.certificates:
            party = party_of(certificate)
            by_party[party] = (*by_party.get(party, ()), certificate)
        return cls(by_party, folder.revocations, policy)

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Those of every Party."""
        return tuple(certificate for group in self.by_party.values() for certificate in group)


@dataclass(frozen=True, slots=True)
class ListInHand:
    """One list: what it says, or why it is not believed."""

    name: str
    statuses: StatusList | None = None
    certificate: x509.Certificate | None = None
    refusal: Words | None = None
    """Why it is not used; None when it is proven."""


def prove_lists(texts: Iterable[tuple[str, str]], issuers: Issuers) -> tuple[ListInHand, ...]:
    """Each list with what it says; one that does not hold says why, and stops nobody."""
    return tuple(_proven(name, text, issuers) for name, text in texts)


def newest_list(party: str, lists: Iterable[ListInHand], issuers: Issuers, at: datetime) -> StatusList | None:
    """The newest proven list of a Party whose certificate counts at the moment `at`; None without one."""
    found = [each.statuses for each in lists if each.statuses and _counts(each, party, issuers, at)]
    return max(found, key=lambda each: each.made_at, default=None)


def check_certificate_now(
    certificate: x509.Certificate, issuers: Issuers, at: datetime
) -> RevocationState | None:
    """
    Whether a certificate counts at `at`: within its time, and not taken back.

    Returns what the revocation lists say, None when there are none. Raises `SignatureRefused`.
    """
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    signer = subject_of(certificate)
    if not begins <= at <= ends:
        raise refuse(
            SubIndication.NOT_YET_VALID if at < begins else SubIndication.OUT_OF_BOUNDS_NO_POE,
            say(
                "the certificate {signer} is valid from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} "
                "UTC, and nothing proves that it signed then",
                signer=signer,
                begins=begins,
                ends=ends,
            ),
            signer=signer,
        )
    if not issuers.revocations.consulted:
        return None
    result = check_revocation(certificate, at, issuers.revocations)
    if not result.acceptable:
        revoked = result.state is RevocationState.REVOKED
        raise refuse(
            SubIndication.REVOKED if revoked else SubIndication.TRY_LATER, result.message, signer=signer
        )
    return result.state


def _proven(name: str, text: str, issuers: Issuers) -> ListInHand:
    """One list, proven or refused."""
    try:
        proven = verify_compact(
            read_compact(text, kind=KIND, ceiling=LIST_CEILING),
            issuers.certificates,
            ceiling=LIST_CEILING,
            policy=issuers.policy,
        )
        statuses = from_claims(proven.claims)
    except (SignatureRefused, MalformedRequest) as error:
        return ListInHand(name, refusal=_words(error.message))
    if proven.certificate not in issuers.by_party.get(statuses.issuer, ()):
        return ListInHand(
            name,
            refusal=say(
                "it speaks for {party} and was signed by another Party: {signer}",
                party=statuses.issuer,
                signer=subject_of(proven.certificate),
            ),
        )
    return ListInHand(name, statuses, proven.certificate)


def _counts(each: ListInHand, party: str, issuers: Issuers, at: datetime) -> bool:
    """Whether a proven list is of a Party and its certificate counts."""
    if each.statuses is None or each.certificate is None or each.statuses.issuer != party:
        return False
    try:
        check_certificate_now(each.certificate, issuers, at)
    except SignatureRefused:
        return False
    return True


def _words(message: str) -> Words:
    """A sentence that can be translated, or is said as it is."""
    return message if isinstance(message, Words) else phrase(message)
