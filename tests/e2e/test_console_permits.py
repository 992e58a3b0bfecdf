"""A person follows a permit from submission to endorsement with a real browser, with script and without."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from e2e.test_customs import endorsement, post
from support.people import CHEAP, PASSWORD, SECRET
from support.requirements import module, program
from support.waiting import start, until

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode
from gateway.config import load
from gateway.loading.database import open_database
from gateway.people.account import Account
from gateway.people.passwords import hashed
from gateway.people.person import Person
from gateway.people.rights import Post
from gateway.people.totp import code_at
from gateway.permits.identity import AuthorityId

pytestmark = pytest.mark.e2e

NUMBER = "26/CH/0417-A"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


async def let_in(node: DemoNode, name: str, post: Post, *authorities: str) -> None:
    """An account with a second factor, in the database of a gateway."""
    database = await open_database(load(node.config))
    at = clock.now()
    person = Person(clock.new_id(), name, post, frozenset(map(AuthorityId.parse, authorities)), created_at=at)
    try:
        async with database.write() as transaction:
            made = Account(person, hashed(PASSWORD, CHEAP), at, secret=SECRET, enrolled_at=at)
            assert await transaction.people.add(made)
    finally:
        await database.close()


@dataclass(slots=True)
class Screen:
    """A page of a real browser."""

    page: Any
    node: DemoNode

    async def sign_in(self, name: str) -> None:
        """Name, password, second factor."""
        await self.page.goto(f"{self.node.url}/console")
        await self.page.fill("input[name=name]", name)
        await self.page.fill("input[name=password]", PASSWORD)
        await self.page.click("main button")
        await self.page.fill("input[name=code]", code_at(SECRET, clock.now()))
        await self.page.click("main button")
        await self.page.wait_for_selector("nav.menu")

    async def text(self) -> str:
        """What stands there."""
        return await self.page.inner_text("main")


@asynccontextmanager
async def browser(node: DemoNode, *, script: bool, **options: Any) -> AsyncIterator[Screen]:
    """Chromium, with JavaScript or without."""
    playwright = module("playwright.async_api")
    async with playwright.async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=program("chromium"), args=list(FLAGS))
        try:
            context = await opened.new_context(java_script_enabled=script, **options)
            yield Screen(await context.new_page(), node)
        finally:
            await opened.close()


async def journey(session: aiohttp.ClientSession, network: dict[str, DemoNode]) -> None:
    """A permit is written off at both borders, after a mistake at export; both sides know all of it."""
    swiss, french = network["CH"], network["FR"]
    await start(session, swiss, french)
    document = permits.make_permit(NUMBER, permits.LEATHER, clock.now())
    status, answer = await Client(session, swiss, "CH:MA").submit(document)
    assert status == 202, answer

    async def known(node: DemoNode, authority: str, notices: int) -> bool:
        status, answer = await post(session, node, authority, "ledger", issuer="CH", number=NUMBER)
        return status == 200 and len(answer["notices"]) == notices

    await until(lambda: known(french, "FR:CUSTOMS", 0), "France has the permit")
    status, wrong = await post(
        session, swiss, "CH:CUSTOMS", "endorsements", **endorsement(NUMBER, "export", "90")
    )
    assert status == 201, wrong
    body = {"issuer": "CH", "number": NUMBER, "endorsement": wrong["id"], "reason": "another consignment"}
    status, answer = await post(session, swiss, "CH:CUSTOMS", "endorsements/reversals", **body)
    assert status == 201, answer
    status, answer = await post(
        session, swiss, "CH:CUSTOMS", "endorsements", **endorsement(NUMBER, "export", "100")
    )
    assert status == 201, answer
    await until(lambda: known(french, "FR:CUSTOMS", 3), "France knows what left")
    status, answer = await post(
        session, french, "FR:CUSTOMS", "endorsements", **endorsement(NUMBER, "import", "98")
    )
    assert status == 201, answer
    await until(lambda: known(swiss, "CH:MA", 4), "Switzerland knows what arrived")


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without-javascript"])
async def test_a_permit_from_submission_to_endorsement(network: dict[str, DemoNode], *, script: bool) -> None:
    """Found by its number, read as form and as a timeline; the address never holds the number."""
    async with aiohttp.ClientSession() as session:
        await journey(session, network)
    swiss = network["CH"]
    await let_in(swiss, "ada", Post.MA_OFFICER, "CH:MA")
    async with browser(swiss, script=script, viewport=DESKTOP, accept_downloads=True) as screen:
        page = screen.page
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        await screen.sign_in("ada")
        await page.click("nav.menu a[href='/console/permits']")
        await page.fill("#f-number", NUMBER)
        await page.click("form[role=search] button")
        await page.click(f"td a:has-text('{NUMBER}')")
        text = await screen.text()
        happened = [
            "CH:MA submitted it; it was checked, sealed and stored",
            "signed and queued for FR:MA, by way of fr",
            "fr sent a signed receipt for FR:MA: accepted",
            "CH:CUSTOMS wrote off at export",
            "CH:CUSTOMS took an endorsement back: another consignment",
            "CH:CUSTOMS wrote off at export",
            "FR:CUSTOMS wrote off at import",
        ]
        places = []
        for words in happened:
            places.append(text.index(words, places[-1] + 1 if places else text.index("What happened")))
        assert places == sorted(places)
        assert "partly used" in text
        row = page.locator("table:has(caption:has-text('What is left of each line')) tbody tr").first
        assert (await row.inner_text()).split()[-5:] == ["250", "100", "98", "0", "150"]
        await page.click("nav.tabs a:has-text('Form')")
        assert await page.locator("section.box").count() >= 22
        assert NUMBER in await page.inner_text("section.b1")
        await page.click("nav.tabs a:has-text('Documents')")
        async with page.expect_download() as waiting:
            await page.click("a:has-text('Download the original')")
        download = await waiting.value
        kept = await asyncio.to_thread(Path(await download.path()).read_bytes)
        assert NUMBER.encode() in kept
        await page.click("nav.tabs a:has-text('Findings')")
        assert "Nothing is wrong with this document." in await screen.text()
        assert all("0417" not in address for address in addresses)
        assert all(address.startswith(swiss.url) for address in addresses)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["desktop", "phone"])
async def test_the_pages_are_accessible_and_fit(
    network: dict[str, DemoNode], tmp_path: Path, scheme: str, size: dict[str, int]
) -> None:
    """Axe finds nothing in light and in dark, and no page is wider than its screen; it keeps pictures."""
    axe = module("axe_playwright_python.async_playwright").Axe()
    async with aiohttp.ClientSession() as session:
        await journey(session, network)
    swiss, width = network["CH"], size["width"]
    await let_in(swiss, "ada", Post.AUDITOR)
    async with browser(swiss, script=True, viewport=size, color_scheme=scheme) as screen:
        page = screen.page
        await screen.sign_in("ada")
        await page.goto(f"{swiss.url}/console/permits")
        permit = await page.get_attribute("td a", "href")
        await page.goto(f"{swiss.url}/console/log")
        entry = await page.get_attribute("td a", "href")
        asked = f"?party=CH&year={clock.now().year}"
        paths = [
            "/console/permits", permit, f"{permit}/form", f"{permit}/documents", f"{permit}/findings",
            "/console/check", "/console/log", entry, "/console/log/checkpoints", "/console/reports",
            f"/console/reports/annual{asked}", f"/console/reports/reconciliation{asked}",
        ]  # fmt: skip
        for path in paths:
            await page.goto(f"{swiss.url}{path}")
            await _look(page, axe, path, scheme, width, tmp_path)
        await page.goto(f"{swiss.url}/console/check")
        broken = permits.make_permit("X-1", permits.LEATHER, clock.now()).decode()
        await page.fill("textarea", broken.replace("<PurposeCode>T<", "<PurposeCode>!<"))
        await page.click("main form button")
        assert await page.locator("tr.marked").count() >= 1
        await _look(page, axe, "/console/check-answer", scheme, width, tmp_path)
        await page.goto(f"{swiss.url}/console/log/checkpoints")
        await page.click("button:has-text('Verify the log')")
        assert "the log holds" in await screen.text()
        await _look(page, axe, "/console/log/verify", scheme, width, tmp_path)


async def _look(page: Any, axe: Any, path: str, scheme: str, width: int, folder: Path) -> None:
    """One page: what axe says, whether it fits, and a picture for people."""
    found = await axe.run(page)
    assert found.violations_count == 0, f"{path} ({scheme}): {found.generate_report()}"
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, (
        f"{path} is wider than {width}"
    )
    name = "".join(letter if letter.isalnum() else "-" for letter in path.removeprefix("/console/"))[:60]
    await page.screenshot(path=folder / f"{scheme}-{width}-{name}.png", full_page=True)
