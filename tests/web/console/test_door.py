"""What every page of the console passes through."""

import pytest
from support.console import sign_in

from gateway.people.rights import Post
from gateway.web.console.all_pages import PAGES


async def test_who_has_not_signed_in_goes_to_sign_in(ch):
    async with ch.session.get(ch.url + "/console", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/console/sign-in"


@pytest.mark.parametrize(("language", "words"), [("en", "Overview"), ("fr", "Vue d"), ("es", "Resumen")])
async def test_the_first_page_is_in_the_language_of_the_viewer(ch, language, words):
    status, headers, text = await sign_in(ch, Post.OPERATOR, language=language).see("/console")
    assert status == 200
    assert headers["Content-Language"] == language
    assert words in text


async def test_no_page_runs_a_script_or_loads_from_elsewhere(ch):
    _, headers, text = await sign_in(ch, Post.OPERATOR).see("/console")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "<script" not in text
    assert 'style="' not in text


async def test_an_error_is_a_page(ch):
    """A form of another session does nothing."""
    forms = [page for page in PAGES if page.method == "POST" and "{" not in page.path and page.right]
    if not forms:
        pytest.skip("no form yet")
    visitor = sign_in(ch, next(post for post in Post if sign_in(ch, post).person.may(forms[0].right)))
    status, headers, text = await visitor.send(forms[0].path, csrf="guessed")
    assert status == 403
    assert headers["Content-Type"].startswith("text/html")
    assert "nothing was done" in text
