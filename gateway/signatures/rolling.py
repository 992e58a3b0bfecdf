"""Before a key is replaced: what would go wrong at that moment, and who would refuse us."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography import x509

from gateway.permits.findings import Area, Finding, Report, Severity
from gateway.signatures.expiry import STAGES
from gateway.signatures.keyring import ALWAYS, Keyring, OwnKey
from gateway.signatures.keys import is_development
from gateway.signatures.making import BACKDATED
from gateway.wording import say

_SHORT = timedelta(days=STAGES[-1])
"""A new key that lives less long than this would be warned about on its first day."""


def check_roll(
    keyring: Keyring, following: OwnKey, *, at: datetime, waiting: timedelta, production: bool
) -> Report:
    """
    What would be wrong if `following` became the active key of its owner at `at`.

    That its kind and its key usage fit was checked when it was loaded. `waiting` is how long a message
    that was signed with the present key may still wait for a partner. An error means that the switch would
    break traffic; a warning that somebody should look.
    """
    certificate = following.certificate
    if certificate is None or following.signing_key is None:
        text = say(
            "the key {name} has no certificate yet: import what its issuer returned", name=following.name
        )
        return Report((Finding("keys.requested", Severity.ERROR, Area.SIGNATURE, text),))
    return Report.of(
        _window_of_next(following.name, certificate, at),
        _window_of_present(keyring, following, at, waiting),
        _mark(following.name, certificate, production=production),
    )


def as_if(keyring: Keyring, following: OwnKey) -> Keyring:
    """The ring as it will be once `following` signs for its owner."""
    others = tuple(key for key in keyring.keys if key.owner != following.owner)
    return Keyring((*others, replace(following, begins=ALWAYS, retired=None)))


def _window_of_next(name: str, certificate: x509.Certificate, at: datetime) -> Iterator[Finding]:
    """The next certificate must be valid at the switch, with something to spare on both sides."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= at <= ends:
        text = say(
            "the certificate {name} is valid from {begins} to {ends} UTC, not at the switch on {at} UTC: "
            "choose another moment, or another certificate",
            name=name,
            begins=_minute(begins),
            ends=_minute(ends),
            at=_minute(at),
        )
        yield Finding("keys.next-not-valid", Severity.ERROR, Area.SIGNATURE, text)
        return
    if at - begins < BACKDATED:
        text = say(
            "the certificate {name} begins on {begins} UTC, at the switch or just before: a partner whose "
            "clock is slow refuses it; switch a few minutes later",
            name=name,
            begins=_minute(begins),
        )
        yield Finding("keys.next-just-begun", Severity.WARNING, Area.SIGNATURE, text)
    if ends - at < _SHORT:
        text = say(
            "the certificate {name} ends on {ends} UTC, soon after the switch: make one that lives longer",
            name=name,
            ends=_minute(ends),
        )
        yield Finding("keys.next-short", Severity.WARNING, Area.SIGNATURE, text)


def _window_of_present(
    keyring: Keyring, following: OwnKey, at: datetime, waiting: timedelta
) -> Iterator[Finding]:
    """The present certificate must last until the switch, better until what it signed has arrived."""
    others = Keyring(tuple(key for key in keyring.keys if key != following))
    present = others.current(following.owner, at)
    if present is None or present.certificate is None:
        return
    ends = present.certificate.not_valid_after_utc
    if ends < at:
        text = say(
            "the present certificate {name} ends on {ends} UTC, before the switch on {at} UTC: in between "
            "nothing can be signed; switch earlier",
            name=present.name,
            ends=_minute(ends),
            at=_minute(at),
        )
        yield Finding("keys.gap", Severity.ERROR, Area.SIGNATURE, text)
    elif ends < at + waiting:
        text = say(
            "the present certificate {name} ends on {ends} UTC, while messages signed with it may still wait "
            "for a partner until {until} UTC: those would be refused; switch earlier",
            name=present.name,
            ends=_minute(ends),
            until=_minute(at + waiting),
        )
        yield Finding("keys.late", Severity.WARNING, Area.SIGNATURE, text)


def _mark(name: str, certificate: x509.Certificate, *, production: bool) -> Iterator[Finding]:
    """Throw-away keys are for development."""
    if production and is_development(certificate):
        text = say(
            "the certificate {name} is a throw-away one for development, which every partner refuses: make a "
            "real one",
            name=name,
        )
        yield Finding("keys.development", Severity.ERROR, Area.SIGNATURE, text)


def _minute(moment: datetime) -> str:
    """A moment for people."""
    return f"{moment:%Y-%m-%d %H:%M}"
