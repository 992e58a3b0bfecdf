"""
What the QR code of a drawn permit states: which permit, which document, until when, and its lines in brief.

Pure: a statement is made from a permit and the digest of its document, and goes to and from the claims of a
JSON Web Token (RFC 7519). Who signs and who verifies is not its business.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from gateway.errors import MalformedRequest
from gateway.permits.days import aware, end_of_day, in_utc
from gateway.permits.identity import PermitRef
from gateway.permits.model import PERMIT_TYPES, Line, Permit
from gateway.wording import say

KIND = "cites-permit+jwt"
"""The `typ` of a signed statement; another layout gets another name."""

MOST_LINES = 6
"""Lines told in brief: with more the squares of the code get too small for a telephone; all are counted."""
LONGEST_STATEMENT = 1465
"""Characters of the signed text; with more, fewer lines are told. In QR code 27-L a square has 0.34 mm."""
LONGEST_TEXT = 40
"""Characters of a name in brief; a longer one ends with an ellipsis. Most species names have less than 30."""
ELLIPSIS = "…"

_PARTY = re.compile(r"[A-Z]{2}")
_DIGEST_BYTES = 32
_CLAIMS = frozenset({"iss", "sub", "iat", "nbf", "exp", "type", "last", "to", "doc", "count", "lines"})
_OPTIONAL = frozenset({"nbf", "to"})
_COLUMNS = 7


@dataclass(frozen=True, slots=True)
class BriefLine:
    """One line of a permit in brief, each value as written and at most `LONGEST_TEXT` characters."""

    letter: str
    name: str
    """Scientific name (Box 7)."""
    term: str
    """Code of the description (Box 9)."""
    appendix: str
    source: str
    quantity: str
    """Box 11; a decimal number as text."""
    unit: str
    """Empty for a number of specimens."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the issuer states; it stands and falls with its signature."""

    ref: PermitRef
    type_code: str
    """E, R, I or O."""
    digest: str
    """SHA-256 in hex of the sealed document, every byte of it."""
    made_at: datetime
    """When the statement was made, in UTC."""
    begins: datetime | None
    """The first moment of validity, in UTC; None when the permit does not say."""
    ends: datetime
    """The first moment that is too late, in UTC: midnight after the last day, in the permit's own zone."""
    last_day: date
    """The day in Box 2."""
    importer: str
    """Country of import, alpha-2; empty when the permit does not say."""
    lines: tuple[BriefLine, ...]
    """The first lines, at most `MOST_LINES`; fewer when their texts are long."""
    line_count: int
    """How many lines the permit has."""


def statement_of(permit: Permit, digest: str, at: datetime) -> Statement:
    """
    The statement about a sealed permit.

    `digest` is the SHA-256 in hex of its bytes, `at` (aware) the present.

    Raises `MalformedRequest` when the permit does not say issuer, number, type or last day.
    """
    ref, until = permit.ref, permit.valid_until
    if ref is None or not permit.type_code or until is None:
        raise MalformedRequest(
            "nothing can be stated about a permit without issuer, number, type and last day of validity",
            advice="see what is missing with: ecites permit check FILE",
        )
    begins = permit.valid_from or permit.issued_at
    return Statement(
        ref,
        permit.type_code,
        digest,
        in_utc(at).replace(microsecond=0),
        in_utc(begins).replace(microsecond=0) if begins else None,
        in_utc(end_of_day(until)).replace(microsecond=0),
        aware(until).date(),
        permit.importer_country,
        tuple(map(_brief, permit.lines[:MOST_LINES])),
        len(permit.lines),
    )


def to_claims(statement: Statement) -> dict[str, Any]:
    """The claims, JSON-ready: names of RFC 7519 where it has one, times in seconds since 1970."""
    claims: dict[str, Any] = {
        "iss": statement.ref.issuer,
        "sub": statement.ref.number,
        "iat": int(statement.made_at.timestamp()),
        "exp": int(statement.ends.timestamp()),
        "type": statement.type_code,
        "last": statement.last_day.isoformat(),
        "doc": _base64url(bytes.fromhex(statement.digest)),
        "count": statement.line_count,
        "lines": [list(_values(line)) for line in statement.lines],
    }
    if statement.begins is not None:
        claims["nbf"] = int(statement.begins.timestamp())
    if statement.importer:
        claims["to"] = statement.importer
    return claims


def from_claims(claims: Mapping[str, Any]) -> Statement:
    """
    The statement that claims make, proven ones or not.

    Raises `MalformedRequest` for a claim that is missing, unknown, or of another kind than ours.
    """
    names = set(claims)
    if not _CLAIMS - _OPTIONAL <= names <= _CLAIMS:
        raise _strange("claims", ", ".join(sorted(names ^ (_CLAIMS - _OPTIONAL) - _OPTIONAL)))
    ends, begins = _moment(claims, "exp"), _moment(claims, "nbf") if "nbf" in claims else None
    kind, importer = _text(claims, "type"), _text(claims, "to") if "to" in claims else ""
    if kind not in PERMIT_TYPES:
        raise _strange("type", kind)
    if importer and not _PARTY.fullmatch(importer):
        raise _strange("to", importer)
    lines = claims["lines"]
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        raise _strange("lines", "")
    count = _number(claims, "count")
    if count < len(lines):
        raise _strange("count", str(count))
    return Statement(
        PermitRef.of(_text(claims, "iss"), _text(claims, "sub")),
        kind,
        _digest(claims),
        _moment(claims, "iat"),
        begins,
        ends,
        _day(claims),
        importer,
        tuple(map(_line, lines)),
        count,
    )


def _brief(line: Line) -> BriefLine:
    """A line of the permit in brief."""
    quantity = line.quantity
    return BriefLine(
        _cut(line.letter),
        _cut(line.scientific_name),
        _cut(line.term),
        _cut(line.appendix),
        _cut(line.source_code),
        _cut(f"{quantity.value:f}" if quantity else ""),
        _cut((quantity.unit or "") if quantity else ""),
    )


def _cut(text: str) -> str:
    """A text in one line, with an ellipsis where it is cut."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + ELLIPSIS


def _values(line: BriefLine) -> tuple[str, ...]:
    """The columns of a line, in the order of `BriefLine`."""
    return line.letter, line.name, line.term, line.appendix, line.source, line.quantity, line.unit


def _line(row: Any) -> BriefLine:
    """A line from its columns."""
    if (
        not isinstance(row, list)
        or len(row) != _COLUMNS
        or not all(isinstance(value, str) and len(value) <= LONGEST_TEXT for value in row)
    ):
        raise _strange("lines", "")
    return BriefLine(*row)


def _text(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is text."""
    value = claims[name]
    if not isinstance(value, str):
        raise _strange(name, str(value))
    return value


def _number(claims: Mapping[str, Any], name: str) -> int:
    """A claim that is a whole number; true and false are none."""
    value = claims[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise _strange(name, str(value))
    return value


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    """A claim that is a moment in seconds since 1970."""
    try:
        return datetime.fromtimestamp(_number(claims, name), UTC)
    except (ValueError, OverflowError, OSError):
        raise _strange(name, str(claims[name])) from None


def _day(claims: Mapping[str, Any]) -> date:
    """The last day as Box 2 has it."""
    text = _text(claims, "last")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _strange("last", text) from None


def _digest(claims: Mapping[str, Any]) -> str:
    """The digest of the document in hex."""
    text = _text(claims, "doc")
    try:
        data = base64.urlsafe_b64decode(text + "=")
    except ValueError:
        raise _strange("doc", text) from None
    if len(data) != _DIGEST_BYTES or _base64url(data) != text:
        raise _strange("doc", text)
    return data.hex()


def _base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _strange(name: str, found: str) -> MalformedRequest:
    """The error for a claim that is not ours."""
    return MalformedRequest(
        say("the statement has a part that is not as it should be: {name} {found}", name=name, found=found),
        advice=say("it may come from a newer program: ask its issuer, or bring this one up to date"),
    )
