"""JSON objects that callers send: which members they have, and what is in them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.web.bodies import read_json_bytes
from gateway.xmlio.canonical import sha256_hex

_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class JsonBody:
    """An object whose members are known."""

    members: Mapping[str, Any]
    example: str
    digest: str = ""
    """SHA-256 in hex of the body as it came."""

    def text(self, name: str) -> str:
        """A member that is text; empty when it is not there. Raises `MalformedRequest`."""
        value = self.members.get(name, "")
        if not isinstance(value, str):
            raise MalformedRequest(
                f"{name} must be text, also when it is a number: decimals must not lose digits",
                advice=f"send {self.example}",
            )
        return value

    def texts(self, name: str) -> list[str]:
        """A member that is a list of texts. Raises `MalformedRequest`."""
        found = self.members.get(name)
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise MalformedRequest(f"{name} must be a list of texts", advice=f"send {self.example}")
        return found

    def objects(self, name: str, example: Mapping[str, Any], *, required: int) -> "list[JsonBody]":
        """A member that is a list of objects like `example`. Raises `MalformedRequest`."""
        found = self.members.get(name)
        if not isinstance(found, list):
            raise MalformedRequest(f"{name} must be a list", advice=f"send {self.example}")
        return [_checked(each, example, required, name) for each in found]


async def read_object(request: web.Request, example: Mapping[str, Any], *, required: int) -> JsonBody:
    """
    The object of a request, with no member that `example` lacks, and with its first `required` members.

    Raises `WrongContentType` or `MalformedRequest`.
    """
    data = await read_json_bytes(request)
    try:
        found = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise MalformedRequest("the body is not JSON", advice=f"send {json.dumps(example)}") from None
    body = _checked(found, example, required, "the body")
    return JsonBody(body.members, body.example, sha256_hex(data))


def amount(name: str, text: str) -> Decimal:
    """A number that is not negative, exactly as it was written; raises `MalformedRequest`."""
    if not _AMOUNT.fullmatch(text):
        raise MalformedRequest(
            f"{name} is {text[:50]!r}, which is no amount",
            advice="write digits, and a point before decimals, as text: at most 18 of each. To take "
            "something back, reverse the endorsement",
        )
    return Decimal(text)


def _checked(found: Any, example: Mapping[str, Any], required: int, what: str) -> JsonBody:
    """An object with the right members; raises `MalformedRequest`."""
    shown = json.dumps(example, ensure_ascii=False)
    if not isinstance(found, dict):
        raise MalformedRequest(f"{what} must be an object", advice=f"send {shown}")
    names = list(example)
    missing = [name for name in names[:required] if name not in found]
    unknown = [name for name in found if name not in example]
    if missing or unknown:
        told = [f"{name} is missing" for name in missing] + [f"{name[:50]} is not known" for name in unknown]
        raise MalformedRequest(f"{what}: {', '.join(told[:10])}", advice=f"send {shown}")
    return JsonBody(found, shown)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no name stands twice; raises `ValueError`."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
