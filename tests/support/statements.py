"""Signed statements and status lists, good ones and lies."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509

from gateway.flows.make_statement import MadeStatement, make_statement
from gateway.flows.status_lists import Issuers, ListInHand, prove_lists
from gateway.permits import statement, status_list
from gateway.permits.identity import PermitRef
from gateway.permits.notices import PermitStatus
from gateway.permits.status_list import Listed, StatusList, key_of
from gateway.signatures.compact import _signature, encode, key_id, sign_compact
from gateway.signatures.keys import SigningKey
from support.keys import NOW, seal
from support.permits import NUMBER, sealed_bytes

DAY = timedelta(days=1)


def made(key: SigningKey | None = None, *, at: datetime = NOW, **changes: Any) -> MadeStatement:
    """A statement about a sealed permit of Switzerland; `changes` are those of the permit."""
    key = key or seal()
    return make_statement(sealed_bytes(key=key, **changes), key, [key.certificate], at=at)


def issuers(*more: x509.Certificate, **changes: Any) -> Issuers:
    """Switzerland with its seal and `more`, France with its own."""
    swiss = (seal().certificate, *more)
    return Issuers({"CH": swiss, "FR": (seal("FR:MA", "FR").certificate,)}, **changes)


def listed(
    barred: Mapping[str, PermitStatus] | None = None,
    *,
    key: SigningKey | None = None,
    issuer: str = "CH",
    made_at: datetime = NOW,
    life: timedelta = DAY,
) -> str:
    """The text of a status list."""
    entries = {
        key_of(PermitRef.of(issuer, number)): Listed(status, NOW - DAY)
        for number, status in (barred or {}).items()
    }
    statuses = StatusList(issuer, made_at, made_at + life, entries)
    return sign_compact(status_list.to_claims(statuses), key or seal(), kind=status_list.KIND)


def in_hand(*texts: str, whom: Issuers | None = None) -> tuple[ListInHand, ...]:
    """The lists as a check has them."""
    named = [(f"list{index}.jws", text) for index, text in enumerate(texts)]
    return prove_lists(named, whom or issuers())


def barred(status: PermitStatus, **changes: Any) -> str:
    """A list that bars the permit of `made()`."""
    return listed({NUMBER: status}, **changes)


def forged(payload: bytes, key: SigningKey | None = None, header: bytes | None = None, **changes: Any) -> str:
    """A genuine signature over whatever it is; `changes` are members of the header, None leaves one out."""
    key = key or seal()
    members = {"alg": "ES256", "kid": key_id(key.certificate), "typ": statement.KIND} | changes
    members = {name: value for name, value in members.items() if value is not None}
    signed = f"{encode(json.dumps(members).encode() if header is None else header)}.{encode(payload)}"
    return f"{signed}.{encode(_signature(signed.encode(), key))}"
