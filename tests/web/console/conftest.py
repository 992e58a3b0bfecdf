"""Real people at the doors of a served gateway."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from support.desk import Desk, laid_out
from support.people import account, come_in, let_in, quick
from yarl import URL

from gateway.people.csrf import csrf_word
from gateway.people.rights import Post
from gateway.web.console.cookies import COOKIES, Cookies


@dataclass(slots=True)
class Browser:
    """A browser with cookies of its own."""

    door: Any
    session: aiohttp.ClientSession
    csrf: str = ""

    async def see(self, path: str, **headers: str) -> tuple[int, Any, str]:
        """A page; redirects are not followed."""
        async with self.session.get(self.door.url + path, allow_redirects=False, headers=headers) as answer:
            return answer.status, answer.headers, await answer.text(errors="replace")

    async def send(
        self, path: str, headers: dict[str, str] | None = None, *, with_file: bool = False, **fields: str
    ) -> tuple[int, Any, str]:
        """A form, with the word of the session unless another is given."""
        data: Any = {"csrf": self.csrf} | fields
        if with_file:
            data = aiohttp.FormData(data, default_to_multipart=True)
        async with self.session.post(
            self.door.url + path, data=data, allow_redirects=False, headers=headers or {}
        ) as answer:
            return answer.status, answer.headers, await answer.text(errors="replace")

    def take(self, token: str) -> None:
        """Keep the cookie of a session, and the word that its pages know."""
        self.session.cookie_jar.update_cookies({"ecites": token}, URL(self.door.url))
        self.csrf = csrf_word(token)

    @property
    def token(self) -> str:
        """What the cookie holds."""
        return next((each.value for each in self.session.cookie_jar if each.key == "ecites"), "")


@pytest.fixture
async def browsers(ch):
    """Makes browsers; cookies go without TLS here."""
    ch.application._state[COOKIES] = Cookies(plain=True)
    quick(ch.node)
    opened = []

    def make() -> Browser:
        browser = Browser(ch, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))
        opened.append(browser)
        return browser

    yield make
    for each in opened:
        await each.session.close()


@pytest.fixture
async def signed_in(browsers, ch):
    """Makes somebody with a post, and their browser with a whole session."""

    async def make(name: str, post: Post, *authorities: Any) -> Browser:
        await let_in(ch.node, account(name, post, ch.node, *authorities))
        browser = browsers()
        browser.take((await come_in(name, ch.node)).token)
        return browser

    return make


@pytest.fixture
async def desk(ch: Any) -> Desk:
    """Deliveries and messages in every state, on the gateway `ch`."""
    return await laid_out(ch)
