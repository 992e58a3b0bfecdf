"""The second factor: codes an app makes of a secret and the time (RFC 6238), and codes for a lost app."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

import segno
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
"""RFC 6238, 5.2."""
WINDOW = 1
"""Steps before and after ours that are good too (RFC 6238, 5.2): clocks differ, and people type slowly."""
DIGITS = 6
SECRET_BYTES = 20
"""As long as the hash (RFC 4226, 4, R6)."""
ISSUER = "eCITES"
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
"""80 random bits: a plain hash of so much cannot be guessed."""


def new_secret() -> bytes:
    """A new secret for one person."""
    return secrets.token_bytes(SECRET_BYTES)


def step_of(secret: bytes, code: str, at: datetime, after: int) -> int | None:
    """
    The time step whose code this is; None when it is none that is good.

    `after` is the step of the last code that was taken: a code is good once (RFC 6238, 5.2), and none before
    it is. All codes of the window are compared, whichever fits.
    """
    typed = code.replace(" ", "").encode("utf-8", "surrogateescape")
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if constant_time.bytes_eq(_totp(secret).generate(step * STEP_SECONDS), typed) and step > after:
            found = step
    return found


def code_at(secret: bytes, at: datetime) -> str:
    """The code that an app shows at a moment."""
    return _totp(secret).generate(int(at.timestamp())).decode("ascii")


def next_code_at(at: datetime) -> datetime:
    """When an app shows the next code."""
    return at + timedelta(seconds=STEP_SECONDS - at.timestamp() % STEP_SECONDS)


def address(secret: bytes, name: str) -> str:
    """What an app reads from the QR code: `otpauth://totp/...`."""
    return _totp(secret).get_provisioning_uri(name, ISSUER)


def typed_secret(secret: bytes) -> str:
    """For who cannot scan: base32 in groups of four."""
    text = base64.b32encode(secret).decode("ascii").rstrip("=")
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def picture(uri: str) -> str:
    """The QR code of an address, as a `data:` address of an SVG."""
    return segno.make_qr(uri, error="M").svg_data_uri(scale=5, border=4, light="#fff")


def recovery_codes() -> tuple[str, ...]:
    """Codes that each replace one code of the app, once: `ABCD-EFGH-IJKL-MNOP`, shown once."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def recovery_hash(code: str) -> str:
    """SHA-256 in hex of a recovery code, however it is typed."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()


def _recovery_code() -> str:
    """One."""
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii")
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _totp(secret: bytes) -> TOTP:
    """SHA-1 is what every app can; its weakness is not one of HMAC (RFC 6238, 1.2; RFC 6194, 3.3)."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - see above
