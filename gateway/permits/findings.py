"""
What is wrong with a document: one `Finding` per thing, a `Report` for all of them.

A finding is written for the person who has to mend the document: what, where (box, XPath, line), why
(rule and its source) and what to do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.wording import ENGLISH, translated


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """The document is not accepted."""
    WARNING = "warning"
    """The document is accepted; somebody should look."""
    INFO = "info"
    """Nothing to do; said for completeness."""


class Area(StrEnum):
    """Which part of the work found it."""

    DOCUMENT = "document"
    """Bytes, encoding, well-formedness."""
    SCHEMA = "schema"
    """The XSD of the message version."""
    CODES = "codes"
    """A code list."""
    RULES = "rules"
    """A CITES rule."""
    SIGNATURE = "signature"
    """The seal of the authority or of the gateway."""
    IDENTITY = "identity"
    """Header, payload and identity disagree."""
    ROUTING = "routing"
    """Who can be reached."""
    USE = "use"
    """What becomes of a permit: its status, what customs write off."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a document."""

    rule: str
    """Stable id, for example `validity.end-before-issue`."""
    severity: Severity
    area: Area
    message: str
    """A sentence that says what is wrong and what to do."""
    box: str = ""
    """Box of the CITES form (1 to 15, with letters), or empty."""
    path: str = ""
    """XPath of the element, with local names, or empty."""
    line: int | None = None
    """Line in the original bytes, counted from 1; None when not known."""
    source: str = ""
    """Legal or technical source of the rule."""

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: rule, severity, area, box, path, line, message, source."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "area": self.area.value,
            "box": self.box,
            "path": self.path,
            "line": self.line,
            "message": translated(self.message, language),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule that could not be decided: neither passed nor broken."""

    rule: str
    reason: str
    """What was missing."""

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: rule, reason."""
        return {"rule": self.rule, "reason": translated(self.reason, language)}


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one document, in the order in which they were found."""

    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    """Rules that nobody could decide, because something beside the document was missing."""

    @classmethod
    def of(cls, *groups: Iterable[Finding]) -> "Report":
        """One report from several groups of findings."""
        return cls(tuple(finding for group in groups for finding in group))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the document unacceptable."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that somebody should look at."""
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)

    @property
    def accepted(self) -> bool:
        """True when no finding is an error."""
        return not self.errors

    def as_list(self, language: str = ENGLISH) -> list[dict[str, Any]]:
        """The JSON shape of all findings."""
        return [finding.as_dict(language) for finding in self.findings]
