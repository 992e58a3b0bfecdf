"""
Every route with each post and with none: whoever adds a page has it walked here.

On a hub of two Parties nobody reaches what is the other's: not by guessing ids, and on no page.
"""

import re
from typing import Any

import pytest
from support.crowd import MARK, Belongings, settle_in
from support.people import account, come_in, let_in

from gateway.people.rights import RIGHTS, Post
from gateway.permits.identity import AuthorityId
from gateway.web.console.all_pages import PAGES

UNKNOWN = "018f0000-0000-7000-8000-00000000dead"
FR = [AuthorityId.parse("FR:MA"), AuthorityId.parse("FR:CUSTOMS")]
WORDS = {"direction": "out", "sender": "DE:MA", "version": "v2", "number": "1", "form": "csv"}
"""What stands in addresses beside ids."""
PLACE = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")
"""`{id}`, or `{number:\\d{1,9}}`."""
REASON = {"reason": "a test walks"}


@pytest.fixture
async def parties(ch, browsers) -> dict[str, Belongings]:
    """France and Germany live here, each with everything."""
    return {party: await settle_in(party, ch.node) for party in ("FR", "DE")}


def filled(path: str, thing: str) -> str:
    """The address with an id in its place, and with words of Germany in the others."""
    return PLACE.sub(lambda place: WORDS.get(place[1], thing), path)


def takes_id(page: Any) -> bool:
    """Whether something that belongs to somebody is named in the address."""
    return bool(set(PLACE.findall(page.path)) - set(WORDS))


async def go(browser: Any, page: Any, thing: str = UNKNOWN) -> tuple[int, str]:
    """See a page, or send its form with as little as possible in it; status and what can be read."""
    path = filled(page.path, thing)
    if page.method == "GET":
        status, _, text = await browser.see(path)
    else:
        status, _, text = await browser.send(path, with_file=page.takes_files, **REASON)
    return status, without_what_changes(text, thing)


def without_what_changes(text: str, thing: str) -> str:
    """An answer without the id that was asked for, the correlation id, the word of the form and the time."""
    text = text.replace(thing, "ID")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}|[0-9a-f]{64}", "...", text)
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?: UTC|Z)", "...", text)


async def test_without_a_session_nothing_opens(ch, browsers):
    """To the sign-in, but for pages that are there for strangers."""
    browser = browsers()
    for page in PAGES:
        see = browser.see if page.method == "GET" else browser.send
        status, headers, text = await see(filled(page.path, UNKNOWN))
        if page.right is not None:
            assert (status, headers["Location"], text) == (303, "/console/sign-in", ""), page.name
        else:
            assert status < 500, page.name


@pytest.mark.parametrize("post", Post)
async def test_each_post_opens_what_the_table_says(ch, browsers, post):
    """Every page, whatever its ids; the sentence of a refusal names who may."""
    await let_in(ch.node, account("Ada", post, ch.node))
    browser = browsers()
    for page in PAGES:
        browser.take((await come_in("Ada", ch.node)).token)
        status, text = await go(browser, page)
        assert status < 500, page.name
        if page.right is not None:
            closed = status == 403 and "may not do this" in text
            assert closed is (page.right not in RIGHTS[post]), page.name


async def test_every_form_asks_for_the_word_of_the_session(ch, browsers):
    """With the wrong one nothing is done, whoever sends it; test_entry.py has the forms for strangers."""
    for post in Post:
        await let_in(ch.node, account(f"Ada {post}", post, ch.node))
    for page in PAGES:
        if page.method == "GET" or page.right is None:
            continue
        post = next(each for each in Post if page.right in RIGHTS[each])
        browser = browsers()
        browser.take((await come_in(f"Ada {post}", ch.node)).token)
        browser.csrf = "guessed"
        status, text = await go(browser, page)
        assert (status, "nothing was done" in text) == (403, True), page.name


@pytest.mark.parametrize("post", Post)
async def test_ids_of_the_others_are_as_unknown_as_any(ch, browsers, parties, post):
    """For every page, every id of Germany and each post of France: the answer to an id that there is not."""
    await let_in(ch.node, account("Ada", post, ch.node, *FR))
    browser = browsers()
    browser.take((await come_in("Ada", ch.node)).token)
    for page in PAGES:
        if not takes_id(page) or page.right not in RIGHTS[post]:
            continue
        unknown = await go(browser, page)
        for what, thing in parties["DE"].ids.items():
            found = await go(browser, page, thing)
            assert found == unknown, (page.name, what)
            assert f"DE-{MARK}" not in found[1], (page.name, what)


@pytest.mark.parametrize("post", Post)
async def test_no_page_shows_what_is_the_others(ch, browsers, parties, post):
    """Lists, searches and figures of France know nothing of Germany, also when they are asked for it."""
    await let_in(ch.node, account("Ada", post, ch.node, *FR))
    browser = browsers()
    browser.take((await come_in("Ada", ch.node)).token)
    asked = f"DE-{MARK}"
    for page in PAGES:
        if page.method != "GET" or takes_id(page) or page.right not in RIGHTS[post]:
            continue
        for query in (
            "",
            f"?number={asked}",
            "?authority=DE:MA",
            "?issuer=DE",
            f"?text={asked}",
            "?party=DE",
        ):
            _, _, text = await browser.see(filled(page.path, "") + query)
            shown = (
                text.replace(f'value="{asked}"', "")
                .replace(f"number={asked}", "")
                .replace(f"text={asked}", "")
            )
            assert asked not in shown, (page.name, query)
            assert not [what for what, thing in parties["DE"].ids.items() if thing in shown], (
                page.name,
                query,
            )


async def test_the_walk_has_something_to_find(ch, browsers, parties):
    """An administrator of everything sees Germany's officer and token: the two tests above can fail."""
    await let_in(ch.node, account("Boss", Post.ADMINISTRATOR, ch.node))
    browser = browsers()
    browser.take((await come_in("Boss", ch.node)).token)
    _, _, people = await browser.see("/console/people")
    assert f"DE-{MARK} officer" in people
    assert parties["DE"].ids["person"] in people
    _, _, tokens = await browser.see("/console/tokens")
    assert parties["DE"].ids["token-shown"] in tokens


SHOW_NOTHING_OF_ANYBODY = (
    "console-overview",  # counts
    "console-account",  # one's own
    "console-person-new",  # an empty form
    "console-check",  # an empty form
    "console-reports",  # an empty form
    "console-partner",  # gateways
    "console-checkpoint",  # sizes and roots of the log
    "console-log-growth",  # hashes
    "console-evidence",  # the flow logs the export itself
)
"""How the names of pages begin whose looks need not be in the log, and why."""


def test_every_page_that_shows_what_concerns_others_is_logged():
    """Whoever adds a page says what is looked at, or why nothing is."""
    silent = {page.name for page in PAGES if page.method == "GET" and page.right and not page.looks_at}
    assert {name for name in silent if not name.startswith(SHOW_NOTHING_OF_ANYBODY)} == set()


OF_NOBODY = ("console-partner",)
"""How pages begin whose ids are those of partners, which belong to no Party."""


async def test_what_is_hidden_from_france_is_open_to_germany(ch, browsers, parties):
    """Each page that takes an id opens with one of Germany's for its own people: it was really hidden."""
    theirs = [AuthorityId.parse("DE:MA"), AuthorityId.parse("DE:CUSTOMS")]
    closed = {page.name for page in PAGES if page.method == "GET" and takes_id(page)}
    for post in Post:
        await let_in(ch.node, account(f"Eva {post}", post, ch.node, *theirs))
        browser = browsers()
        browser.take((await come_in(f"Eva {post}", ch.node)).token)
        for page in PAGES:
            if page.name in closed and page.right in RIGHTS[post]:
                unknown = await go(browser, page)
                answers = [await go(browser, page, thing) for thing in parties["DE"].ids.values()]
                if any(answer != unknown for answer in answers):
                    closed.remove(page.name)
    assert {name for name in closed if not name.startswith(OF_NOBODY)} == set()


@pytest.mark.parametrize("authority", FR, ids=str)
async def test_the_api_knows_no_ids_of_the_others(ch, browsers, parties, authority):
    """Every address with an id in it, asked for each id of Germany with a token of France."""
    token = "ecites_walk"
    async with ch.database.write() as transaction:
        await transaction.tokens.add(token, authority, ch.node.clock.now())
    walked = 0
    for route in ch.application.router.routes():
        path = route.resource.canonical if route.resource else ""
        if "{" not in path or path.startswith(("/console", "/status-list")) or route.method == "HEAD":
            continue
        answers = {}
        for what, thing in {"unknown": UNKNOWN, **parties["DE"].ids}.items():
            async with ch.session.request(
                route.method,
                ch.url + filled(path, thing),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/xml"},
                data=b"<x/>" if route.method == "POST" else None,
            ) as answer:
                answers[what] = answer.status, without_what_changes(await answer.text(), thing)
            walked += 1
        assert {what for what, each in answers.items() if each != answers["unknown"]} == set(), path
        assert answers["unknown"][0] in (403, 404), path
    assert walked > 40


async def test_the_walk_over_the_api_has_something_to_find(ch, browsers, parties):
    """With a token of Germany the same ids open something."""
    token, found = "ecites_walk", {}
    for role in ("MA", "CUSTOMS"):
        async with ch.database.write() as transaction:
            await transaction.tokens.add(token + role, AuthorityId.parse(f"DE:{role}"), ch.node.clock.now())
    for path, holder, what in (
        ("/api/v1/submissions/{id}", "MA", "conversation"),
        ("/api/v1/inbox/{id}", "CUSTOMS", "inbox"),
    ):
        thing = parties["DE"].ids[what]
        async with ch.session.get(
            ch.url + filled(path, thing), headers={"Authorization": f"Bearer {token + holder}"}
        ) as answer:
            found[what] = answer.status
    assert found == {"conversation": 200, "inbox": 200}
