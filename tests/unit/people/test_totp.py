"""Codes of the second factor."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.people.totp import (
    address,
    code_at,
    new_secret,
    picture,
    recovery_codes,
    recovery_hash,
    step_of,
    typed_secret,
)

SECRET = b"12345678901234567890"
AT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
NOW_STEP = int(AT.timestamp()) // 30


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_the_vectors_of_the_rfc(seconds, code):
    """RFC 6238, appendix B, the last six digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_at(SECRET, at) == code
    assert step_of(SECRET, code, at, 0) == seconds // 30


@pytest.mark.parametrize(
    ("seconds", "good"),
    [(-61, False), (-60, False), (-30, True), (0, True), (30, True), (59, True), (60, False)],
)
def test_one_step_before_and_after_is_good(seconds, good):
    """Clocks differ by half a minute, not by more."""
    code = code_at(SECRET, AT + timedelta(seconds=seconds))
    assert (step_of(SECRET, code, AT, 0) is not None) is good


def test_a_code_is_good_once():
    """Not again, and none before it."""
    before, code = code_at(SECRET, AT - timedelta(seconds=30)), code_at(SECRET, AT)
    assert step_of(SECRET, code, AT, NOW_STEP - 1) == NOW_STEP
    assert step_of(SECRET, code, AT, NOW_STEP) is None
    assert step_of(SECRET, before, AT, NOW_STEP) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "日本語日本語", "\udcff"])
def test_what_is_no_code(code):
    """Nothing is raised, whatever is typed."""
    assert step_of(SECRET, code, AT, 0) is None


def test_a_code_may_be_typed_in_two_groups():
    """As apps show it."""
    code = code_at(SECRET, AT)
    assert step_of(SECRET, f"{code[:3]} {code[3:]} ", AT, 0) == NOW_STEP


def test_the_address_says_what_an_app_needs():
    """Name, secret and period; the secret as it is typed."""
    split = urlsplit(address(SECRET, "Ada Löw"))
    asked = parse_qs(split.query)
    assert (split.scheme, split.netloc, split.path) == ("otpauth", "totp", "/eCITES:Ada%20L%C3%B6w")
    assert asked["secret"] == [typed_secret(SECRET).replace(" ", "")]
    assert asked["issuer"] == ["eCITES"]
    assert picture(address(SECRET, "Ada")).startswith("data:image/svg+xml")


def test_secrets_and_recovery_codes_are_new_each_time():
    """160 bits, and ten codes of 80 bits."""
    assert len({new_secret() for _ in range(20)}) == 20
    assert len(new_secret()) == 20
    codes = recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code) == 19 for code in codes)
    assert len({recovery_hash(code) for code in codes}) == 10
    assert recovery_hash(codes[0].lower().replace("-", " ")) == recovery_hash(codes[0])
