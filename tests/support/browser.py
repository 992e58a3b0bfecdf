"""A real Chromium, and the rules of accessibility that it is held against."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from support.requirements import module, program

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """A browser of playwright; skips the test, or fails it, where none is installed."""
    playwright, path = module("playwright.async_api"), program("chromium")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        try:
            yield browser
        finally:
            await browser.close()


async def accessible(page: Any) -> list[str]:
    """What axe-core finds on a page: rule and place; nothing on a page that is in order."""
    axe = module("axe_playwright_python.async_playwright").Axe()
    found = (await axe.run(page)).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]
