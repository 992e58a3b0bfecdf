"""Every page of the console, subject by subject: a test walks this list with each post."""

from aiohttp import web

from gateway.web.console import (
    account,
    deliveries,
    delivery_acts,
    evidence,
    log,
    messages,
    overview,
    partners,
    people,
    permits,
    reports,
    signing_in,
    style,
    tokens,
    trust,
)
from gateway.web.console.door import route_of
from gateway.web.console.page import Page

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *people.PAGES,
    *tokens.PAGES,
    *trust.PAGES,
    *account.PAGES,
    *signing_in.PAGES,
    *deliveries.PAGES,
    *delivery_acts.PAGES,
    *messages.PAGES,
    *partners.PAGES,
    *permits.PAGES,
    *log.PAGES,
    *evidence.PAGES,
    *reports.PAGES,
    *style.PAGES,
)


def routes() -> list[web.RouteDef]:
    """The routes of all pages."""
    return [route_of(page) for page in PAGES]
