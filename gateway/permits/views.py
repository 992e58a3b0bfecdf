"""
Who sees what of a permit, as one table.

The answer about a permit is put together once and passes through `seen`: a member that the table does not
give to an audience is not in its answer, and a member that is not in the table is given to nobody.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.permits.identity import AuthorityId, Role
from gateway.permits.verdict import Weight


class Audience(StrEnum):
    """Who looks at a permit."""

    ISSUING = "issuing-party"
    """Management Authority and customs of the Party that issued it."""
    CONCERNED = "importing-party"
    """Those of the importing Party, and of an exporting Party that did not issue it."""
    FOREIGN_MA = "foreign-ma"
    """The Management Authority of a Party that the permit does not name."""
    FOREIGN_CUSTOMS = "foreign-customs"
    """Customs of such a Party: goods in transit, or a permit that is not theirs."""
    PUBLIC = "public"
    """Whoever holds the paper and reads its QR code."""
    STATISTICS = "statistics"
    """Sums over many permits: no number, no person, no moment of a journey."""


_ISSUING, _CONCERNED = Audience.ISSUING, Audience.CONCERNED
_PARTIES = frozenset({_ISSUING, _CONCERNED})
_AUTHORITIES = frozenset({*_PARTIES, Audience.FOREIGN_MA})
LOGGED_IN = frozenset({*_AUTHORITIES, Audience.FOREIGN_CUSTOMS})
_PUBLIC = frozenset({*LOGGED_IN, Audience.PUBLIC})
_COUNTED = frozenset({*LOGGED_IN, Audience.STATISTICS})
_ALL = frozenset(Audience)

MEMBERS: Mapping[str, frozenset[Audience]] = MappingProxyType(
    {
        "issuer": _ALL,
        "number": _PUBLIC,
        "view": LOGGED_IN,
        "verdict": _PUBLIC,
        "valid": _PUBLIC,
        "known": LOGGED_IN,
        "issuer_answer": LOGGED_IN,
        "reasons": LOGGED_IN,
        "status": _PUBLIC,
        "dates": _PUBLIC,
        "signature": LOGGED_IN,
        "type": _ALL,
        "exporter": _COUNTED,
        "importer": _ALL,
        "issued_at": _COUNTED,
        "valid_from": _PUBLIC,
        "valid_until": _PUBLIC,
        "lines": _ALL,
        "lines.line": _PUBLIC,
        "lines.scientific_name": _ALL,
        "lines.common_name": LOGGED_IN,
        "lines.description": _PARTIES,
        "lines.term": _ALL,
        "lines.appendix": _ALL,
        "lines.source": _ALL,
        "lines.quantity": _ALL,
        "lines.unit": _ALL,
        "balances": frozenset({*_PARTIES, Audience.STATISTICS}),
        "balances.line": _PARTIES,
        "balances.unit": frozenset({*_PARTIES, Audience.STATISTICS}),
        "balances.authorised": frozenset({*_PARTIES, Audience.STATISTICS}),
        "balances.exported": frozenset({*_PARTIES, Audience.STATISTICS}),
        "balances.imported": frozenset({*_PARTIES, Audience.STATISTICS}),
        "balances.dead": frozenset({*_PARTIES, Audience.STATISTICS}),
        "balances.left": _PARTIES,
        "changes": _AUTHORITIES,
        "changes.id": _PARTIES,
        "changes.kind": _AUTHORITIES,
        "changes.by": _AUTHORITIES,
        "changes.at": _AUTHORITIES,
        "changes.status": _AUTHORITIES,
        "changes.reason": _AUTHORITIES,
        "changes.replaced_by": _AUTHORITIES,
        "paperless": _PARTIES,
        "digest": _PUBLIC,
        "received_at": _PARTIES,
        "heard_at": LOGGED_IN,
        "answered_at": _PUBLIC,
    }
)
"""By member of the answer, and of the objects in its lists after a point: to whom it is told."""

NOTES_FOR_ALL = ("known", "issuer")
"""Reasons that change nothing are told to the Parties of the permit only, but for those of these themes. What
weighs in the verdict is told to everybody who gets reasons."""


def audience_of(caller: AuthorityId, issuer: str, parties: tuple[str, ...] = ()) -> Audience:
    """
    As what an authority looks at a permit of Party `issuer`.

    `parties` are those that the permit names, as far as they are known.
    """
    if caller.party == issuer:
        return Audience.ISSUING
    if caller.party in parties:
        return Audience.CONCERNED
    return Audience.FOREIGN_MA if caller.role is Role.MA else Audience.FOREIGN_CUSTOMS


def may_see_document(audience: Audience) -> bool:
    """
    Whether an audience may see the document itself: form, XML, conversions, findings, ledger.

    It names exporter and importer with their addresses, which are told to the Parties of the permit only.
    """
    return audience in _PARTIES


def may_see_changes(audience: Audience) -> bool:
    """Whether an audience hears what authorities said about the status of a permit."""
    return _may("changes", audience)


def seen(whole: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    """The members of an answer that an audience gets; those of the objects in its lists too."""
    found: dict[str, Any] = {}
    for name, value in whole.items():
        if not _may(name, audience):
            continue
        if name == "reasons":
            found[name] = [each for each in value if _told(each, audience)]
        elif isinstance(value, list):
            found[name] = [_part(name, each, audience) for each in value]
        else:
            found[name] = value
    return found


def _part(name: str, members: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    """What an audience gets of one object in a list."""
    return {key: value for key, value in members.items() if _may(f"{name}.{key}", audience)}


def _may(name: str, audience: Audience) -> bool:
    """Whether the table gives a member to an audience."""
    return audience in MEMBERS.get(name, frozenset())


def _told(reason: Mapping[str, Any], audience: Audience) -> bool:
    """Whether a reason is told: what weighs is told to everybody, what does not to the Parties."""
    theme = str(reason["rule"]).partition(".")[0]
    return audience in _PARTIES or reason["weight"] != Weight.NOTE or theme in NOTES_FOR_ALL
