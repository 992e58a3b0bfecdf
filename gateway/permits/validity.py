"""Whether a permit is in force at a moment, by its dates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.permits.days import aware, end_of_day
from gateway.permits.model import Permit
from gateway.wording import Words, say


class Status(StrEnum):
    """Where a permit stands; more words come with the changes that authorities may make."""

    IN_FORCE = "in-force"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Standing:
    """A status and the sentence that explains it."""

    status: Status
    reason: Words

    @property
    def in_force(self) -> bool:
        """True when the permit may be used now."""
        return self.status is Status.IN_FORCE


def standing_of(permit: Permit, at: datetime) -> Standing:
    """The standing of a permit at the moment `at` (aware), by Box 2 and Box 13."""
    begins = permit.valid_from or permit.issued_at
    if begins is not None and at < aware(begins):
        return Standing(Status.NOT_YET_VALID, say("it is valid only from {day} (Box 2)", day=_day(begins)))
    if permit.valid_until is None:
        return Standing(Status.EXPIRED, say("it names no last day of validity (Box 2), so it cannot be used"))
    if at >= end_of_day(permit.valid_until):
        return Standing(Status.EXPIRED, say("its last day was {day} (Box 2)", day=_day(permit.valid_until)))
    last = _day(permit.valid_until)
    return Standing(Status.IN_FORCE, say("it is valid until the end of {day} (Box 2)", day=last))


def _day(moment: datetime) -> str:
    """The day as the document writes it."""
    return f"{moment:%Y-%m-%d}"
