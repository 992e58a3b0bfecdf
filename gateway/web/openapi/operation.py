"""One operation of the API as data: what a caller sends, and everything that it may be answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway import errors
from gateway.permits.scopes import Scope

JSON, XML, TEXT, HTML = "application/json", "application/xml", "text/plain", "text/html"

Schema = Mapping[str, Any]
Problem = type[errors.GatewayError]


class Caller(StrEnum):
    """Who may call, and how it says who it is; the text is the name of the security scheme."""

    ANYBODY = ""
    GATEWAY = "envelopeSignature"
    """A partner gateway: no token, only the signature on what it sends is believed."""
    AUTHORITY = "authorityToken"
    PARTNER = "partnerToken"
    OPERATOR = "operatorToken"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that is sent beside the body."""

    name: str
    place: str
    """`path`, `query` or `header`."""
    meaning: str
    schema: Schema

    def as_dict(self) -> dict[str, Any]:
        """As OpenAPI writes it; what stands in the path is needed, everything else may be left out."""
        return {
            "name": self.name,
            "in": self.place,
            "description": self.meaning,
            "required": self.place == "path",
            "schema": dict(self.schema),
        }


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent."""

    types: tuple[str, ...]
    meaning: str
    schema: Schema
    example: Any = None

    def as_dict(self) -> dict[str, Any]:
        """As OpenAPI writes it."""
        content: dict[str, Any] = {"schema": dict(self.schema)}
        if self.example is not None:
            content["example"] = self.example
        return {
            "description": self.meaning,
            "required": True,
            "content": dict.fromkeys(self.types, content),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem."""

    status: int
    meaning: str
    type: str = ""
    """The content type; empty: the answer has no body."""
    schema: Schema | None = None
    headers: tuple[str, ...] = ()
    """Names of shared headers beside the correlation id."""
    also: tuple[str, ...] = ()
    """Further content types, of which `Accept` chooses; what is in them stands in `meaning`."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A method at an address."""

    name: str
    """The name of the route in `web/server.py`."""
    method: str
    path: str
    summary: str
    """A few words."""
    text: str
    """What one must know before calling."""
    caller: Caller
    answers: tuple[Answer, ...]
    scope: Scope | None = None
    """What the token of an authority needs."""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[Problem, ...] = ()
    """Beside those that follow from caller, scope and body: `problems.py`."""
    stores: bool = True
    """The database is asked; False: it can be away."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Operations that belong together, and the shapes that only they use."""

    name: str
    text: str
    operations: tuple[Operation, ...]
    schemas: Mapping[str, Schema]
