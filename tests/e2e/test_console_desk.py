"""An operator with a real browser and two real gateways: what is stuck is found, read, and sent again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.browser import DESKTOP, PHONE, accessible, chromium
from support.people import PASSWORD, SECRET, account, let_in
from support.permits import permit_bytes
from support.waiting import start, until

from gateway import clock
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode
from gateway.config import load
from gateway.loading.database import open_database
from gateway.loading.node import bare_node
from gateway.people.rights import Post
from gateway.people.totp import code_at

pytestmark = pytest.mark.e2e

STUCK = "CH-2026-000777"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def hire(node: DemoNode, *names: str) -> None:
    """Operators of a gateway that does not run yet."""
    database = await open_database(load(node.config))
    try:
        bare = bare_node(database)
        await let_in(bare, *(account(name, Post.OPERATOR, bare) for name in names))
    finally:
        await database.close()


def forget(french: DemoNode) -> Path:
    """France does not know Switzerland for a while; where its operator finds the registration again."""
    return (french.folder / "partners.d" / "ch.toml").rename(french.folder / "ch.toml.aside")


def be_impatient(node: DemoNode) -> None:
    """It gives up within seconds: whoever tests has not five days."""
    text = node.config.read_text(encoding="utf-8")
    node.config.write_text(text.replace("[delivery]", "[delivery]\ndeadline_hours = 0.001"), encoding="utf-8")


async def submit(session: aiohttp.ClientSession, node: DemoNode, number: str) -> str:
    """A permit for France; returns the id of its submission once its delivery was given up."""
    client = Client(session, node, "CH:MA")
    permit = permit_bytes(number, exporter="CH", importer="FR", at=clock.now())
    status, answer = await client.submit(permit)
    assert status == 202, answer

    async def given_up() -> bool:
        followed = await client.follow(answer["id"])
        return any(each["state"] == "no-receipt" for each in followed["deliveries"])

    await until(given_up, "the delivery is given up")
    return str(answer["id"])


async def sign_in(page: Any, node: DemoNode, name: str) -> None:
    """Name, password and the code of the app."""
    await page.goto(f"{node.url}/console")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await page.fill("[name=code]", code_at(SECRET, clock.now()))
    await page.click("main button[type=submit]")
    await page.wait_for_selector("h1:has-text('Overview')")


async def no_violation(page: Any) -> None:
    """Axe-core is content with the page, in light and in dark, and nothing sticks out at the side."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await accessible(page) == [], f"{page.url} in {scheme}"
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], page.url


async def rescue(page: Any, node: DemoNode, number: str, mend: Any, look: Any) -> None:
    """
    From the first page to the delivered permit; `look` sees each page, `mend` is called in time.

    1. The overview says that there was no receipt for something, and leads to it.
    2. The list, the delivery, and why.
    3. The partner has mended it: send it again, with a reason, after a look at what will be done.
    4. The page is loaded again until it says that it was delivered.
    """
    # 1
    await look(page)
    await page.click(".need:has-text('No receipt until the deadline') a.button")
    # 2
    await look(page)
    await page.click(f"main table a:has-text('{number}')")
    await look(page)
    main = await page.inner_text("main")
    assert "Nothing was heard until the deadline" in main
    assert "partner_answered_wrongly" in main
    assert "is not behind any partner that is registered here" in main
    # 3
    await mend()
    await page.click("button[value=requeue]")
    await look(page)
    assert number in await page.inner_text("main")
    await page.fill("[name=reason]", "France has registered us again")
    await page.click("main form button[type=submit]")
    assert "Done: Send again. Deliveries: 1." in await page.inner_text("main")

    # 4
    async def delivered() -> bool:
        await page.reload()
        return "delivered" in await page.inner_text("h1")

    await until(delivered, "the page says that it was delivered")
    main = await page.inner_text("main")
    assert "accepted" in main
    assert "CN=fr" in main
    assert "France has registered us again" in main  # the log knows why
    await look(page)


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
async def test_what_is_stuck_is_found_read_sent_again_and_delivered(
    network: dict[str, DemoNode], session: aiohttp.ClientSession, *, script: bool
) -> None:
    """The whole way, through the real entrance; without a script it is the same way."""
    swiss, french = network["CH"], network["FR"]
    aside = forget(french)
    be_impatient(swiss)
    await hire(swiss, "Ada")
    await start(session, swiss, french)
    await submit(session, swiss, STUCK)

    async def mend() -> None:
        """France has registered Switzerland again, and the running gateway takes it in."""
        aside.rename(french.folder / "partners.d" / "ch.toml")
        said = french.log_file.read_text
        await until(lambda: "reloaded" in said(encoding="utf-8"), "France knows it again")

    async with chromium() as browser:
        context = await browser.new_context(java_script_enabled=script, viewport=DESKTOP)
        page = await context.new_page()
        await sign_in(page, swiss, "Ada")

        async def look(page: Any) -> None:
            if script:
                await no_violation(page)

        await rescue(page, swiss, STUCK, mend, look)


PAGES = (
    "/console",
    "/console/deliveries",
    "/console/deliveries?state=dead-letters",
    "/console/messages",
    "/console/messages?direction=out",
    "/console/partners",
    "/console/partners/fr",
)


async def test_every_page_of_the_desk_is_fit_for_everybody(
    network: dict[str, DemoNode], session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """On a desktop and on a phone, in light and in dark: no violation, nothing beyond the edge."""
    swiss, french = network["CH"], network["FR"]
    forget(french)
    be_impatient(swiss)
    await hire(swiss, "Ada")
    await start(session, swiss, french)
    await submit(session, swiss, STUCK)
    async with chromium() as browser:
        context = await browser.new_context(viewport=DESKTOP)
        page = await context.new_page()
        await sign_in(page, swiss, "Ada")
        for size in (DESKTOP, PHONE):
            await page.set_viewport_size(size)
            for path in PAGES:
                await page.goto(swiss.url + path)
                await no_violation(page)
            await page.goto(swiss.url + "/console/messages")
            await page.click("main table a")
            await no_violation(page)
            await page.goto(swiss.url + "/console/partners/fr")
            await page.click("form[action$='/test'] button")
            assert "not as it must be" in await page.inner_text("main")
            await no_violation(page)
            await page.screenshot(path=tmp_path / f"{size['width']}.png", full_page=True)
