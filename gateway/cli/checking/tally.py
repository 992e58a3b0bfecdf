"""What came out of a folder, counted."""

from collections import Counter
from dataclasses import dataclass, field

from gateway.permits.examination import Examination


@dataclass(slots=True)
class Tally:
    """What came out of a folder; its size depends on the number of rules, not of files."""

    files: int = 0
    accepted: int = 0
    documents: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By rule and severity: in how many documents."""
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By rule and severity: how often."""
    not_checked: Counter[str] = field(default_factory=Counter)
    """By rule: in how many documents it could not be decided."""

    def add(self, examination: Examination) -> None:
        """Count one document."""
        report = examination.report
        self.files += 1
        self.accepted += report.accepted
        keys = [(finding.rule, finding.severity.value) for finding in report.findings]
        self.findings.update(keys)
        self.documents.update(set(keys))
        self.not_checked.update(skipped.rule for skipped in report.not_checked)

    def not_checked_by_count(self) -> list[tuple[int, list[str]]]:
        """Rules that could not be decided, together when in as many documents; the most frequent first."""
        groups: dict[int, list[str]] = {}
        for rule, count in self.not_checked.items():
            groups.setdefault(count, []).append(rule)
        return sorted(groups.items(), reverse=True)

    def as_dict(self) -> dict[str, object]:
        """The JSON shape."""
        return {
            "files": self.files,
            "accepted": self.accepted,
            "refused": self.files - self.accepted,
            "rules": [
                {
                    "rule": rule,
                    "severity": severity,
                    "documents": count,
                    "findings": self.findings[rule, severity],
                }
                for (rule, severity), count in self.documents.most_common()
            ],
            "not_checked": dict(sorted(self.not_checked.items())),
        }
