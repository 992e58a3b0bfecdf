"""What the browser keeps of a session: one cookie, which no script and no other site sees."""

from dataclasses import dataclass

from aiohttp import web

GUARDED = "__Host-ecites"
"""The prefix binds it to this host, to every path and to TLS (RFC 6265bis, 4.1.3.2)."""
PLAIN = "ecites"


@dataclass(frozen=True, slots=True)
class Cookies:
    """How the cookie is set."""

    plain: bool = False
    """Without TLS, for development on this machine alone: a browser would not keep the other one there."""

    @property
    def name(self) -> str:
        """Under which the browser keeps it."""
        return PLAIN if self.plain else GUARDED

    def token(self, request: web.Request) -> str:
        """What the browser sent; empty when it sent none."""
        return request.cookies.get(self.name, "")

    def give(self, answer: web.StreamResponse, token: str) -> None:
        """Let the browser keep a token until it is closed; the server ends the session earlier."""
        answer.set_cookie(self.name, token, path="/", httponly=True, samesite="Strict", secure=not self.plain)

    def take(self, answer: web.StreamResponse) -> None:
        """Let the browser forget it."""
        answer.del_cookie(self.name, path="/", httponly=True, samesite="Strict", secure=not self.plain)


COOKIES = web.AppKey("cookies", Cookies)
