"""Everything that was found out about one document: what the text, the JSON and the page are drawn from."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.permits.findings import Report
from gateway.wording import ENGLISH


@dataclass(frozen=True, slots=True)
class Examination:
    """The examination of one document at one moment."""

    name: str
    """Where it came from, for people: a file name."""
    digest: str
    """SHA-256 of its bytes, in hex."""
    at: datetime
    """The moment for which it was examined; aware."""
    profile: str
    """`strict` or `tolerant`."""
    report: Report
    version: str = ""
    """Message version; empty when it could not be told."""
    type_code: str = ""
    """E, R, I or O; empty when absent, another, or not readable. So are the next two."""
    issuer: str = ""
    number: str = ""
    species_dated: date | None = None
    """Of which day the list of species is; None when there was none."""
    verdict: str = ""
    """What a verification of the seal concluded; empty when nobody asked about the seal."""

    @property
    def conclusion(self) -> str:
        """The verdict about the seal; without one, PASSED when no finding is an error, else FAILED."""
        return self.verdict or ("PASSED" if self.report.accepted else "FAILED")

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "document": {
                "version": self.version or None,
                "type": self.type_code or None,
                "issuer": self.issuer or None,
                "number": self.number or None,
                "sha256": self.digest,
            },
            "at": self.at.isoformat(),
            "profile": self.profile,
            "species_data": self.species_dated.isoformat() if self.species_dated else None,
            "verdict": self.conclusion,
            "findings": self.report.as_list(language),
            "not_checked": [skipped.as_dict(language) for skipped in self.report.not_checked],
        }
