"""What an operator is told without asking: what is wrong, since when, and who has heard of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.wording import LANGUAGES, Words


class AlarmKind(StrEnum):
    """What can be wrong."""

    PARTNER_SILENT = "partner-silent"
    """A partner or a webhook has not answered for a while."""
    DEAD_LETTERS = "dead-letters"
    """Messages were given up."""
    NO_RECEIPT = "no-receipt"
    """Nobody knows whether messages arrived."""
    CERTIFICATE = "certificate"
    """One in use ends soon, or has ended."""
    LOG_BEHIND = "log-behind"
    """Entries of the message log wait for their place in its tree."""
    LOG_BROKEN = "log-broken"
    """The message log is not what it was."""
    DISK = "disk"
    """It is nearly full."""


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """When something is worth a call, and how often."""

    silent_minutes: float = 30.0
    """A partner that has not answered for longer."""
    certificate_days: float = 30.0
    """A certificate that ends sooner."""
    disk_percent: float = 10.0
    """Less than this is free."""
    log_minutes: float = 5.0
    """An entry of the message log that has waited longer for its place."""
    verify_hours: float = 24.0
    """How often the whole message log is verified; 0: never."""
    beat_seconds: float = 60.0
    """How often it is looked whether something is wrong."""
    pause_minutes: float = 15.0
    """Between two words to one receiver about the same thing, however often it comes and goes."""
    again_hours: float = 24.0
    """So long after the first word comes another one when it has become more."""
    language: str = LANGUAGES[0]
    """In which it is said: en, fr or es."""

    def __post_init__(self) -> None:
        """Refuse figures with which nothing, or everything, would be an alarm."""
        for key in ("silent_minutes", "certificate_days", "log_minutes", "beat_seconds", "again_hours"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} must be more than 0, not {getattr(self, key):g}")
        for key in ("pause_minutes", "verify_hours"):
            if not getattr(self, key) >= 0:
                raise ValueError(f"{key} must be 0 or more, not {getattr(self, key):g}")
        if not 0 <= self.disk_percent < 100:  # noqa: PLR2004 - per cent
            raise ValueError(f"disk_percent must be from 0 to less than 100, not {self.disk_percent:g}")
        if self.language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {self.language!r}")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong now."""

    kind: AlarmKind
    subject: str
    """Whom or what it is about: a partner, a certificate, a place."""
    text: Words
    """What is wrong; without a permit number, for it travels by mail."""
    advice: Words
    """What to do."""
    amount: int = 1
    """How much of it there is."""
    partner: str = ""
    """The partner that it is about, if any."""

    @property
    def key(self) -> str:
        """The same for the same thing at another time."""
        return f"{self.kind.value}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Telling:
    """What a receiver has heard last about one alert."""

    ended: bool
    at: datetime
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Alert:
    """An alarm as it is kept, so that several processes, and one that starts again, tell it once."""

    key: str
    id: str
    """Of this time that it stands; the next time has another."""
    kind: AlarmKind
    subject: str
    text: str
    advice: str
    amount: int
    begun_at: datetime
    ended_at: datetime | None = None
    told: Mapping[str, Telling] = field(default_factory=dict)
    """By name of the receiver."""
    partner: str = ""

    @property
    def ended(self) -> bool:
        """True when it is over."""
        return self.ended_at is not None

    def wants_telling(self, receiver: str, at: datetime, policy: AlertPolicy) -> bool:
        """
        Whether a receiver hears of it now.

        It hears of the begin and of the end, never twice within the pause. What was over before anybody was
        told is not told. What has become more is told again after a while.
        """
        last = self.told.get(receiver)
        if last is None:
            return not self.ended
        if last.ended == self.ended:
            more = not self.ended and self.amount > last.amount
            return more and at - last.at >= timedelta(hours=policy.again_hours)
        return at - last.at >= timedelta(minutes=policy.pause_minutes)
