"""How long a visit lasts, what is still to come, and whose form it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.keys import NOW

from gateway.people.account import Account
from gateway.people.company import independent, looks_after
from gateway.people.csrf import csrf_word, from_elsewhere, is_ours
from gateway.people.person import Person
from gateway.people.rights import Post
from gateway.people.sessions import Next, Session, SessionSettings, Stage, next_for, session_hash
from gateway.permits.identity import AuthorityId

SETTINGS = SessionSettings(idle_minutes=20, hours=12)
VISIT = Session("s", "h", "p", Stage.FACTOR, NOW, NOW)


@pytest.mark.parametrize(
    ("age", "idle", "lives"),
    [
        (timedelta(), timedelta(), True),
        (timedelta(hours=5), timedelta(minutes=20, microseconds=-1), True),
        (timedelta(hours=5), timedelta(minutes=20), False),
        (timedelta(hours=12, microseconds=-1), timedelta(), True),
        (timedelta(hours=12), timedelta(), False),
    ],
)
def test_a_session_ends_by_itself(age, idle, lives):
    """Idle too long, or too old whatever happens."""
    session = replace(VISIT, created_at=NOW - age, seen_at=NOW - idle)
    assert session.lives(NOW, SETTINGS) is lives


def test_half_way_there_is_little_time():
    """Ten minutes, idle or not."""
    half = replace(VISIT, stage=Stage.PASSWORD, seen_at=NOW + timedelta(hours=1))
    assert half.lives(NOW + timedelta(minutes=10, microseconds=-1), SETTINGS)
    assert not half.lives(NOW + timedelta(minutes=10), SETTINGS)


def person(name: str, *authorities: str, post: Post = Post.ADMINISTRATOR) -> Person:
    return Person(name, name, post, frozenset(map(AuthorityId.parse, authorities)))


def account(name: str, vouched_by: str = "") -> Account:
    return Account(person(name), "h", NOW, vouched_by=vouched_by)


def test_what_is_still_to_come():
    """The second factor, set up or shown, and then a password of their own."""
    new = replace(account("a"), initial_until=NOW)
    offered = replace(new, secret=b"x")
    enrolled = replace(offered, enrolled_at=NOW)
    assert next_for(new, Stage.PASSWORD) is Next.ENROL
    assert next_for(offered, Stage.PASSWORD) is Next.ENROL
    assert next_for(enrolled, Stage.PASSWORD) is Next.SECOND_FACTOR
    assert next_for(enrolled, Stage.FACTOR) is Next.PASSWORD
    assert next_for(replace(enrolled, initial_until=None), Stage.FACTOR) is Next.NOTHING


def test_the_word_of_a_form_is_that_of_the_session():
    """Of no other token, and not what the database keeps."""
    word = csrf_word("token")
    assert is_ours(word, word)
    assert not is_ours(csrf_word("other"), word)
    assert not is_ours("", word)
    assert not is_ours("", "")
    assert not is_ours("\udcff", word)
    assert word != session_hash("token")


@pytest.mark.parametrize(
    ("site", "origin", "elsewhere"),
    [
        ("", "", False),
        ("same-origin", "https://gw.example:8400", False),
        ("none", "", False),
        ("same-site", "", True),
        ("cross-site", "", True),
        ("", "https://evil.example", True),
        ("", "null", True),
        ("", "https://gw.example", True),
        ("", "https://GW.example:8400", False),
    ],
)
def test_what_a_browser_says_of_another_site(site, origin, elsewhere):
    """Either header suffices to refuse."""
    assert from_elsewhere(site, origin, "gw.example:8400") is elsewhere


def test_nobody_looks_after_who_sees_more():
    """Who sees all looks after all; the others only after those within their own authorities."""
    all_, ch = person("all"), person("ch", "CH:MA", "CH:CUSTOMS")
    assert looks_after(all_, ch)
    assert looks_after(ch, person("x", "CH:MA"))
    assert not looks_after(ch, person("x", "CH:MA", "DE:MA"))
    assert not looks_after(ch, all_)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a", "a", False),
        ("a", "b", True),
        ("a", "of-a", False),
        ("a", "of-of-a", False),
        ("of-a", "too-of-a", False),
        ("of-a", "b", True),
        ("of-a", "of-b", True),
        ("of-shell", "too-of-shell", False),
        ("of-shell", "a", True),
        ("of-gone", "too-of-gone", False),
        ("loop", "knot", False),
    ],
)
def test_who_stands_behind_both_is_one_person(one, other, both):
    """Over however many hands, also when somebody in between is not there any more."""
    behind = {
        "a": "",
        "b": "",
        "of-a": "a",
        "too-of-a": "a",
        "of-of-a": "of-a",
        "of-b": "b",
        "of-shell": "shell",
        "too-of-shell": "shell",
        "of-gone": "gone",
        "too-of-gone": "gone",
        "loop": "knot",
        "knot": "loop",
    }
    accounts = {name: account(name, by) for name, by in behind.items()}
    assert independent(accounts[one], accounts[other], accounts.values()) is both
    assert independent(accounts[other], accounts[one], accounts.values()) is both
