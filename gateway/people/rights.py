"""Who may do what in the console, as one table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Post(StrEnum):
    """As what somebody works here (the roles of the console; `Role` is that of an authority)."""

    OPERATOR = "operator"
    """Keeps the gateway running."""
    MA_OFFICER = "ma-officer"
    """Works at a Management Authority."""
    CUSTOMS_OFFICER = "customs-officer"
    AUDITOR = "auditor"
    """Looks at everything and changes nothing."""
    ADMINISTRATOR = "administrator"
    """Says who may come in, and whom the gateway believes."""


class Right(StrEnum):
    """What a page shows or does."""

    SEE_OVERVIEW = "see-overview"
    SEE_PERMITS = "see-permits"
    SEE_MESSAGES = "see-messages"
    """Messages and deliveries with their attempts and receipts."""
    ACT_ON_MESSAGES = "act-on-messages"
    """Retry, drop and requeue."""
    SEE_PARTNERS = "see-partners"
    TEST_PARTNERS = "test-partners"
    CHANGE_TRUST = "change-trust"
    """Ask for, or agree to, a change of an authority's country or of a trust anchor."""
    SEE_LOG = "see-log"
    EXPORT_LOG = "export-log"
    """Entries, proofs and evidence as files."""
    SEE_REPORTS = "see-reports"
    MANAGE_PEOPLE = "manage-people"
    OWN_ACCOUNT = "own-account"
    """One's own password, second factor, language and sessions."""


_ALL = frozenset({Right.SEE_OVERVIEW, Right.OWN_ACCOUNT})

RIGHTS: Mapping[Post, frozenset[Right]] = MappingProxyType(
    {
        Post.OPERATOR: _ALL
        | {
            Right.SEE_PERMITS,
            Right.SEE_MESSAGES,
            Right.ACT_ON_MESSAGES,
            Right.SEE_PARTNERS,
            Right.TEST_PARTNERS,
            Right.SEE_LOG,
            Right.EXPORT_LOG,
        },
        Post.MA_OFFICER: _ALL
        | {
            Right.SEE_PERMITS,
            Right.SEE_MESSAGES,
            Right.SEE_LOG,
            Right.EXPORT_LOG,
            Right.SEE_REPORTS,
        },
        Post.CUSTOMS_OFFICER: _ALL | {Right.SEE_PERMITS},
        Post.AUDITOR: _ALL
        | {
            Right.SEE_PERMITS,
            Right.SEE_MESSAGES,
            Right.SEE_PARTNERS,
            Right.SEE_LOG,
            Right.EXPORT_LOG,
            Right.SEE_REPORTS,
        },
        Post.ADMINISTRATOR: _ALL
        | {
            Right.SEE_PARTNERS,
            Right.TEST_PARTNERS,
            Right.CHANGE_TRUST,
            Right.SEE_LOG,
            Right.MANAGE_PEOPLE,
        },
    }
)
"""
Nobody has all of them: who lets people in does not act on messages, and who keeps the gateway running
does not say whom it believes.
"""
