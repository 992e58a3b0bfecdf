"""Somebody who looks at pages of the console, without the way through sign-in."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import CIMultiDictProxy

from gateway.people.person import Person
from gateway.people.rights import Post
from gateway.permits.identity import AuthorityId
from gateway.web.console.viewer import GATEKEEPER, Viewer

CSRF = "what-only-our-own-page-knows"


@dataclass(slots=True)
class Visitor:
    """A person at the door of a served gateway (`door` is what tests/web/conftest.py serves)."""

    door: Any
    person: Person

    async def see(self, path: str, **headers: str) -> tuple[int, CIMultiDictProxy[str], str]:
        """Status, headers and text of a page; redirects are not followed."""
        return await self._ask("GET", path, None, headers)

    async def send(
        self, path: str, *fields: tuple[str, str], csrf: str = CSRF, **headers: str
    ) -> tuple[int, CIMultiDictProxy[str], str]:
        """Send a form as the page would; fields may repeat."""
        return await self._ask("POST", path, [*fields, ("csrf", csrf)], headers)

    async def _ask(
        self, method: str, path: str, fields: list[tuple[str, str]] | None, headers: dict[str, str]
    ) -> tuple[int, CIMultiDictProxy[str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.door.session.request(
            method, self.door.url + path, data=fields, headers=named, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await answer.text()


def sign_in(door: Any, post: Post, *authorities: AuthorityId, language: str = "en") -> Visitor:
    """Somebody with a post who sees what concerns `authorities`; none: of all who live here."""
    person = Person("018f0000-0000-7000-8000-000000000001", "Ada", post, frozenset(authorities), language)

    async def admit(_request: web.Request) -> Viewer:
        return Viewer(person, CSRF, "018f0000-0000-7000-8000-000000000002")

    door.application[GATEKEEPER].admit = admit
    return Visitor(door, person)
