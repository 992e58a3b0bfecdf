"""The way in to the console, with a real session at every step."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_MA
from support.gateways import log_of
from support.people import PASSWORD, SECRET, account, come_in, let_in

from gateway.errors import StorageError
from gateway.flows.manage_people import Manager, add_person
from gateway.people.csrf import csrf_word
from gateway.people.rights import Post
from gateway.people.totp import code_at
from gateway.web.console import looking
from gateway.web.console.cookies import COOKIES, Cookies


def csrf_of(page: str) -> str:
    return re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]


async def test_name_password_and_code_lead_to_the_overview(ch, browsers):
    """Each step gives another cookie; only the last one opens a page."""
    await let_in(ch.node, account("Ada", Post.OPERATOR, ch.node))
    browser = browsers()
    status, headers, _ = await browser.send("/console/sign-in", name="Ada", password=PASSWORD)
    assert (status, headers["Location"]) == (303, "/console/second-factor")
    half = browser.token
    status, headers, _ = await browser.see("/console")
    assert (status, headers["Location"]) == (303, "/console/sign-in")
    assert (await browser.see("/console/sign-in"))[1]["Location"] == "/console/second-factor"
    status, _, page = await browser.see("/console/second-factor")
    assert status == 200
    code = code_at(SECRET, ch.node.clock.now())
    status, headers, _ = await browser.send("/console/second-factor", csrf=csrf_of(page), code=code)
    assert (status, headers["Location"]) == (303, "/console")
    assert browser.token not in ("", half)
    status, _, page = await browser.see("/console")
    assert status == 200
    assert "Ada" in page
    assert [(e.outcome, e.actor) for e in await log_of(ch.node, kind="signed-in")] == [
        ("second-factor", "Ada"),
        ("password", "Ada"),
    ]
    browser.csrf = csrf_of(page)
    status, headers, _ = await browser.send("/console/sign-out")
    assert (status, headers["Location"], browser.token) == (303, "/console/sign-in", "")


async def test_the_first_sign_in_sets_everything_up(ch, browsers):
    """QR code, recovery codes, a password of their own; nothing opens before the last step."""
    made = await add_person("Ada", Post.OPERATOR, (), "fr", ch.node, Manager("root", "x"))
    browser = browsers()
    _, headers, _ = await browser.send("/console/sign-in", name="Ada", password=made.password)
    assert headers["Location"] == "/console/enrol"
    _, _, page = await browser.see("/console/enrol")
    assert "data:image/svg+xml" in page
    async with ch.database.read() as transaction:
        secret = (await transaction.people.by_name("Ada")).secret
    code = code_at(secret, ch.node.clock.now())
    status, _, page = await browser.send("/console/enrol", csrf=csrf_of(page), code="000000")
    assert status == 403
    status, _, codes = await browser.send("/console/enrol", csrf=csrf_of(page), code=code)
    assert status == 200
    assert len(re.findall(r"<code>[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}</code>", codes)) == 10
    assert (await browser.see("/console"))[0] == 303
    assert (await browser.see("/console/sign-in"))[1]["Location"] == "/console/first-password"
    _, _, page = await browser.see("/console/first-password")
    fields = {"csrf": csrf_of(page), "old": made.password}
    status, _, _ = await browser.send("/console/first-password", **fields, new="short")
    assert status == 400
    _, headers, _ = await browser.send("/console/first-password", **fields, new=PASSWORD)
    assert headers["Location"] == "/console"
    status, headers, _ = await browser.see("/console")
    assert (status, headers["Content-Language"]) == (200, "fr")


@pytest.mark.parametrize("language", ["en", "fr", "es"])
async def test_a_refusal_is_told_in_the_language_of_the_browser(ch, browsers, language):
    """With the form again, the name in it, and never the password."""
    status, _, page = await browsers().send(
        f"/console/sign-in?language={language}", name="Nobody", password=PASSWORD
    )
    words = {"en": "is wrong", "fr": "est faux", "es": "es incorrecto"}
    assert status == 403
    assert words[language] in page
    assert 'value="Nobody"' in page
    assert PASSWORD not in page


async def test_who_has_failed_too_often_is_told_how_long_to_wait(ch, browsers):
    """429, also with the right password."""
    await let_in(ch.node, account("Ada", Post.OPERATOR, ch.node))
    browser = browsers()
    for _ in range(5):
        assert (await browser.send("/console/sign-in", name="Ada", password="wrong"))[0] == 403
    status, _, page = await browser.send("/console/sign-in", name="Ada", password=PASSWORD)
    assert status == 429
    assert "wait 30 seconds" in page


async def test_the_cookie_goes_nowhere_else(ch, browsers):
    """Host-bound, with TLS only, unseen by scripts, never sent along by another site."""
    await let_in(ch.node, account("Ada", Post.OPERATOR, ch.node))
    ch.application._state[COOKIES] = Cookies()
    _, headers, _ = await browsers().send("/console/sign-in", name="Ada", password=PASSWORD)
    name, *flags = [each.strip() for each in headers["Set-Cookie"].split(";")]
    assert name.startswith("__Host-ecites=")
    assert {each.lower() for each in flags} == {"httponly", "path=/", "samesite=strict", "secure"}
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_the_plain_cookie_is_for_trials(ch, browsers):
    """Without TLS there is neither Secure nor HSTS; the rest stays."""
    await let_in(ch.node, account("Ada", Post.OPERATOR, ch.node))
    _, headers, _ = await browsers().send("/console/sign-in", name="Ada", password=PASSWORD)
    name, *flags = [each.strip() for each in headers["Set-Cookie"].split(";")]
    assert name.startswith("ecites=")
    assert {each.lower() for each in flags} == {"httponly", "path=/", "samesite=strict"}
    assert "Strict-Transport-Security" not in headers


async def test_a_session_that_ended_leads_to_sign_in(ch, signed_in):
    """Idle, or withdrawn by somebody else."""
    browser = await signed_in("Ada", Post.OPERATOR)
    ch.node.clock.forward(minutes=19)
    assert (await browser.see("/console"))[0] == 200
    ch.node.clock.forward(minutes=20)
    assert (await browser.see("/console"))[0] == 303
    browser.take((await come_in("Ada", ch.node)).token)
    assert (await browser.see("/console"))[0] == 200
    async with ch.database.write() as transaction:
        known = await transaction.people.by_name("Ada")
        await transaction.sessions.end_all(known.person.id)
    assert (await browser.see("/console"))[0] == 303


@pytest.mark.parametrize(
    ("headers", "csrf", "status"),
    [
        ({}, None, 303),
        ({"Sec-Fetch-Site": "same-origin"}, None, 303),
        ({"Sec-Fetch-Site": "cross-site"}, None, 403),
        ({"Sec-Fetch-Site": "same-site"}, None, 403),
        ({"Origin": "https://evil.example"}, None, 403),
        ({"Origin": "null"}, None, 403),
        ({}, "", 403),
        ({}, csrf_word("another session"), 403),
    ],
)
async def test_a_form_that_is_not_ours_does_nothing(ch, signed_in, headers, csrf, status):
    """The word of the session and the browser's own headers must both be right."""
    browser = await signed_in("Ada", Post.OPERATOR)
    fields = {"language": "es"} | ({} if csrf is None else {"csrf": csrf})
    assert (await browser.send("/console/account/language", headers, **fields))[0] == status
    async with ch.database.read() as transaction:
        language = (await transaction.people.by_name("Ada")).person.language
    assert (language == "es") is (status == 303)


@pytest.mark.parametrize("path", ["/console/second-factor", "/console/enrol", "/console/first-password"])
async def test_forms_half_way_are_guarded_too(ch, browsers, path):
    """Without the word of the half session nothing is looked at; without a session it is nobody's turn."""
    initial = ch.node.clock.now() + timedelta(days=1)
    made = account("Ada", Post.OPERATOR, ch.node, initial_until=initial)
    if path == "/console/enrol":
        made = replace(made, secret=b"", enrolled_at=None)
    await let_in(ch.node, made)
    stranger, browser = browsers(), browsers()
    status, headers, _ = await stranger.send(path, code="000000", csrf="")
    assert (status, headers["Location"]) == (303, "/console/sign-in")
    if path == "/console/first-password":
        browser.take((await come_in("Ada", ch.node)).token)
    else:
        await browser.send("/console/sign-in", name="Ada", password=PASSWORD)
    code = code_at(SECRET, ch.node.clock.now())
    status, _, page = await browser.send(
        path, code=code, old=PASSWORD, new="five unrelated words here", csrf=""
    )
    assert status == 403
    assert "not drawn for your session" in page


async def test_nobody_sees_what_the_log_does_not_know(ch, signed_in, monkeypatch):
    """A look stands in the log with its search; when the log fails the page is not shown."""
    browser = await signed_in("Boss", Post.ADMINISTRATOR)
    assert (await browser.see("/console/people?q=x"))[0] == 200
    (entry,) = await log_of(ch.node, kind="looked")
    assert (entry.actor, entry.outcome, entry.detail) == ("Boss", "people", "q=x")

    async def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(looking, "note_look", full)
    status, _, page = await browser.see("/console/people")
    assert status == 503
    assert "Boss</a></td>" not in page


async def test_a_new_password_or_account_state_counts_at_once(ch, signed_in):
    """Through the pages of an administrator."""
    boss = await signed_in("Boss", Post.ADMINISTRATOR)
    await let_in(ch.node, ada := account("Ada", Post.MA_OFFICER, ch.node, CH_MA))
    page = f"/console/people/{ada.person.id}"
    status, _, text = await boss.send(f"{page}/disable")
    assert status == 400
    assert "say in one line why" in text
    assert (await boss.send(f"{page}/disable", reason="left"))[0] == 303
    assert "disabled" in (await boss.see(page))[2]
    assert (await boss.send(f"{page}/enable", reason="back"))[0] == 303
    status, _, text = await boss.send(f"{page}/password", reason="forgotten")
    assert status == 200
    password = re.search(r"<code>([A-Z2-7-]{29})</code>", text)[1]
    browser = await come_in("Ada", ch.node, password)
    assert browser.visit.account.initial_until is not None
    assert (await boss.send(f"{page}/second-factor", reason="lost phone"))[0] == 303
    assert (await boss.send(f"{page}/change", reason="new work", post="auditor", authorities="CH:MA"))[
        0
    ] == 303
    assert "Auditor" in (await boss.see(page))[2]
    status, _, text = await boss.send(f"{page}/change", reason="x", post="auditor", authorities="DE:MA")
    assert status == 400
    assert "does not live here" in text
    assert (await boss.send(f"{page}/sessions", reason="x"))[0] == 303


async def test_somebody_is_let_in_from_the_page(ch, signed_in):
    """The first password is shown once; a broken form keeps what was typed."""
    boss = await signed_in("Boss", Post.ADMINISTRATOR)
    assert (await boss.see("/console/people/new"))[0] == 200
    fields = {"name": "Ada", "post": "ma-officer", "language": "es", "reason": "new colleague"}
    status, _, text = await boss.send("/console/people/new", **fields, authorities="")
    assert status == 400
    assert 'value="Ada"' in text
    status, _, text = await boss.send("/console/people/new", **fields, authorities="CH:MA, CH:CUSTOMS")
    assert status == 200
    assert re.search(r"<code>[A-Z2-7-]{29}</code>", text)
    assert "Ada" in (await boss.see("/console/people"))[2]


async def test_tokens_are_made_and_withdrawn_from_the_page(ch, signed_in):
    """Shown once, listed by their hash, gone for the next request."""
    boss = await signed_in("Boss", Post.ADMINISTRATOR)
    status, _, text = await boss.send(
        "/console/tokens/new", holder="CH:CUSTOMS", scopes="permits:check", days="30", reason="new desk"
    )
    assert status == 200
    token = re.search(r"<code>(ecites_[^<]+)</code>", text)[1]
    _, _, text = await boss.see("/console/tokens")
    assert token not in text
    assert "permits:check" in text
    status, _, _ = await ch.call("GET", "/api/v1/inbox", token=token)
    assert status == 403
    for fields in (
        {"holder": "DE:MA"},
        {"holder": "CH:MA", "days": "x"},
        {"holder": "CH:MA", "scopes": "no"},
    ):
        assert (await boss.send("/console/tokens/new", **fields, reason="x"))[0] == 400
    (entry,) = await log_of(ch.node, outcome="token-made")
    assert (entry.actor, entry.authority) == ("Boss", "CH:CUSTOMS")
    place = re.search(r'action="(/console/tokens/' + entry.detail.split()[1] + r'/revoke)"', text)[1]
    assert (await boss.send(place))[0] == 400
    assert (await boss.send(place, reason="lost"))[0] == 303
    status, _, _ = await ch.call("GET", "/api/v1/inbox", token=token)
    assert status == 401
    assert (await boss.send(place, reason="lost"))[0] == 404


async def test_ones_own_account(ch, signed_in):
    """Language, recovery codes, sessions and password, by oneself."""
    browser = await signed_in("Ada", Post.CUSTOMS_OFFICER, CH_MA)
    other = await come_in("Ada", ch.node)
    status, _, text = await browser.see("/console/account")
    assert status == 200
    assert text.count("<tr>") == 3
    status, _, text = await browser.send("/console/account/recovery-codes", password=PASSWORD)
    assert (status, text.count("<li><code>")) == (200, 10)
    assert (await browser.send("/console/account/recovery-codes", password="wrong"))[0] == 403
    assert (await browser.send(f"/console/account/sessions/{other.visit.session.id}/end"))[0] == 303
    assert (await browser.send(f"/console/account/sessions/{other.visit.session.id}/end"))[0] == 404
    assert (await browser.send("/console/account/password", old=PASSWORD, new="short"))[0] == 400
    status, headers, _ = await browser.send(
        "/console/account/password", old=PASSWORD, new="five other words, quite long"
    )
    assert (status, headers["Location"]) == (303, "/console")
    assert (await browser.see("/console/account"))[0] == 200
