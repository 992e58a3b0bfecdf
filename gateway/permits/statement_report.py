"""What the check of a signed statement concluded: a verdict, a sentence for each question, and its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.permits.statement import BriefLine, Statement
from gateway.permits.status_list import Listed
from gateway.wording import ENGLISH, Words, say, translated


class Outcome(StrEnum):
    """Of one check, and of all of them (the words of ETSI EN 319 102-1)."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"
    """What is at hand does not suffice to say; that is not good."""


HEADLINES: Mapping[Outcome, Words] = MappingProxyType(
    {
        Outcome.PASSED: say("GOOD"),
        Outcome.FAILED: say("NOT GOOD"),
        Outcome.INDETERMINATE: say("CHECK WITH THE ISSUER"),
    }
)
"""The verdict for whoever stands at the border."""


class Question(StrEnum):
    """What is checked, in this order."""

    FORM = "form"
    SIGNATURE = "signature"
    CONTENT = "content"
    ISSUER = "issuer"
    CERTIFICATE = "certificate"
    REVOCATION = "revocation"
    DATES = "dates"
    STATUS = "status"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Check:
    """One question with its answer."""

    question: Question
    outcome: Outcome
    sentence: Words


@dataclass(frozen=True, slots=True)
class StatementReport:
    """Everything that was found out about one statement at one moment."""

    at: datetime
    """The moment for which it was checked; aware."""
    checks: tuple[Check, ...]
    """At least one; nothing was asked behind the one that ended it."""
    statement: Statement | None = None
    """What is stated; None unless the signature of a registered certificate of the issuing Party holds."""
    signer: str = ""
    """Subject of the certificate, once the signature holds."""
    fingerprint: str = ""
    """SHA-256 of the certificate in hex."""
    listed: Listed | None = None
    """What bars the permit."""
    list_made_at: datetime | None = None
    """Of when the status list is that was asked; None when there was none."""
    list_counts_until: datetime | None = None
    revocation_checked: bool = False
    document_checked: bool = False

    @property
    def verdict(self) -> Outcome:
        """The worst of all checks: FAILED before INDETERMINATE before PASSED."""
        found = {check.outcome for check in self.checks}
        return next(
            (each for each in (Outcome.FAILED, Outcome.INDETERMINATE) if each in found),
            Outcome.PASSED if found else Outcome.INDETERMINATE,
        )

    @property
    def proven(self) -> tuple[Words, ...]:
        """What is proven."""
        if self.statement is None:
            return ()
        said = [
            say(
                "{party} made this statement about its permit {number}, and nobody changed it since",
                party=self.statement.ref.issuer,
                number=self.statement.ref.number,
            )
        ]
        if self.document_checked and self.answer(Question.DOCUMENT) is Outcome.PASSED:
            said.append(say("the electronic document at hand is the one that the statement is about"))
        return tuple(said)

    @property
    def unproven(self) -> tuple[Words, ...]:
        """What nobody may conclude from it."""
        if self.statement is None:
            return (say("nothing is proven: do not rely on anything that the code or the paper says"),)
        said = [
            say("that the paper says the same: compare number, lines, quantities and last day with this"),
            say("that the permit was not used before, and how much is left on it: a copy has the same code"),
            say("that the specimens are those of the permit, and the bearer is its holder"),
        ]
        if not self.document_checked:
            said.append(say("what else the electronic document says: it was not looked at"))
        if not self.revocation_checked:
            said.append(say("that the certificate was not revoked: there is no revocation list here"))
        if self.statement.line_count > len(self.statement.lines):
            said.append(
                say(
                    "what the other {count} lines say: the code has no room for them",
                    count=self.statement.line_count - len(self.statement.lines),
                )
            )
        return tuple(said)

    def answer(self, question: Question) -> Outcome | None:
        """The outcome of one check; None when it was not made."""
        return next((check.outcome for check in self.checks if check.question is question), None)

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape; moments in ISO 8601, quantities as text."""
        return {
            "verdict": self.verdict.value,
            "good": self.verdict is Outcome.PASSED,
            "conclusion": translated(HEADLINES[self.verdict], language),
            "at": self.at.isoformat(),
            "statement": _stated(self.statement) if self.statement else None,
            "signer": self.signer or None,
            "certificate_sha256": self.fingerprint or None,
            "status": self.listed.status.value if self.listed else None,
            "status_since": self.listed.since.isoformat() if self.listed else None,
            "status_list_of": self.list_made_at.isoformat() if self.list_made_at else None,
            "status_list_until": self.list_counts_until.isoformat() if self.list_counts_until else None,
            "checks": [
                {
                    "check": check.question.value,
                    "outcome": check.outcome.value,
                    "message": translated(check.sentence, language),
                }
                for check in self.checks
            ],
            "proven": [translated(words, language) for words in self.proven],
            "not_proven": [translated(words, language) for words in self.unproven],
        }


def _stated(statement: Statement) -> dict[str, Any]:
    """The JSON shape of a statement."""
    return {
        "issuer": statement.ref.issuer,
        "number": statement.ref.number,
        "type": statement.type_code,
        "importer": statement.importer or None,
        "made_at": statement.made_at.isoformat(),
        "valid_from": statement.begins.isoformat() if statement.begins else None,
        "last_day": statement.last_day.isoformat(),
        "valid_before": statement.ends.isoformat(),
        "document_sha256": statement.digest,
        "line_count": statement.line_count,
        "lines": [_line(line) for line in statement.lines],
    }


def _line(line: BriefLine) -> dict[str, Any]:
    """The JSON shape of a line in brief."""
    return {
        "line": line.letter,
        "scientific_name": line.name,
        "term": line.term or None,
        "appendix": line.appendix,
        "source": line.source,
        "quantity": line.quantity or None,
        "unit": line.unit or None,
    }
