"""What a password must be, and how it is kept."""

from dataclasses import replace

import pytest

from gateway.people.passwords import LONGEST, PasswordSettings, fits, hashed, nobodys, objection, outdated

QUICK = PasswordSettings(memory_kib=64, passes=1, lanes=1)
GOOD = "vier Wörter ohne Sinn"


@pytest.mark.parametrize(
    "password",
    [
        "short words",  # eleven characters
        "Ada Löw is my name",
        "ada lo\u0308w is my name",  # the same name, typed as a letter and a sign
        "my ecites password",
        "Password2026!",
        "qwertyuiop123",
        "aaaaaaaaaaaaaaa",
        "121212121212",
        "123456789012",
        "mnopqrstuvwx",
        "x" * 20 + "a b c d e f g" * 10,
    ],
)
def test_what_nobody_may_have(password):
    """Too short, too long, or tried first."""
    assert objection(password, "Ada Löw", QUICK)


@pytest.mark.parametrize(
    "password", [GOOD, "correct unicorn staple", "日本語のパスワードでもよい", "a1b2c3d4e5f6"]
)
def test_length_counts_and_kinds_of_characters_do_not(password):
    """Any script, with or without digits, from the least length to the longest."""
    assert objection(password, "Ada Löw", QUICK) is None


def test_the_borders_of_the_length():
    """Twelve are enough, 128 are not too many."""
    assert objection("abcdefghzyxw", "Ada", QUICK) is None
    assert objection("abcdefghzyx", "Ada", QUICK)
    long = "abcde fghij " * 11
    assert objection(long[:LONGEST], "Ada", QUICK) is None
    assert objection(long[: LONGEST + 1], "Ada", QUICK)


def test_a_password_fits_its_hash_alone():
    """However it is typed; each hash has a salt of its own."""
    kept = hashed(GOOD, QUICK)
    assert kept.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert kept != hashed(GOOD, QUICK)
    assert fits(kept, GOOD, QUICK)
    assert fits(kept, "vier Wo\u0308rter ohne Sinn", QUICK)
    assert not fits(kept, GOOD + " ", QUICK)
    assert not fits(kept, "", QUICK)
    assert not fits("no hash", GOOD, QUICK)
    longest = "x" * LONGEST
    assert not fits(hashed(longest, QUICK), longest + "y", QUICK)


def test_a_hash_with_other_parameters_is_renewed():
    """Stronger ones, and the same ones not."""
    kept = hashed(GOOD, QUICK)
    assert not outdated(kept, QUICK)
    for stronger in (replace(QUICK, memory_kib=128), replace(QUICK, passes=2), replace(QUICK, lanes=2)):
        assert outdated(kept, stronger)
        assert fits(kept, GOOD, stronger)


def test_the_standard_is_that_of_the_rfc():
    """RFC 9106, 4: the second recommended option."""
    assert hashed(GOOD, PasswordSettings()).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nobodys_hash_costs_as_much():
    """The same parameters as anybody's."""
    assert nobodys(QUICK).startswith("$argon2id$v=19$m=64,t=1,p=1$")


@pytest.mark.parametrize(
    ("key", "value"),
    [("min_length", 7), ("min_length", 129), ("memory_kib", 31), ("passes", 0), ("at_once", 0)],
)
def test_settings_that_protect_nobody_are_refused(key, value):
    """The sentence names the key."""
    with pytest.raises(ValueError, match=key):
        PasswordSettings(**{key: value})
