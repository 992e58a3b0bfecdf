"""Nothing that must stay secret is written to the log, however deep it stands (promise 10)."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.permits.identity import PermitRef
from gateway.telemetry import logs
from gateway.telemetry.logs import Patient, redact, scrub

TOKEN = "ecites_4f9cd1f0e1b2a7d35566"
WEBHOOK = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
NUMBER = "CH-2026-000123"
PLAIN = "correct-horse-battery-staple"

NAMES = (
    *(
        "password",
        "token",
        "Set-Cookie",
        "cookies",
        "totp",
        "totp_secret",
        "otp",
        "passphrase",
        "client_secret",
    ),
    *("recovery_codes", "Authorization", "private_key", "permit", "permit_number", "credentials"),
)
TELLTALES = (
    TOKEN,
    f"the call with {TOKEN} failed",
    WEBHOOK,
    f"Authorization: Bearer {PLAIN}",
    "otpauth://totp/eCITES:anna?secret=JBSWY3DPEHPK3PXP",
    f"-----BEGIN EC PRIVATE KEY-----\n{PLAIN}\n-----END EC PRIVATE KEY-----",
)
SECRETS = (TOKEN, WEBHOOK, PLAIN, NUMBER, "JBSWY3DPEHPK3PXP")


@dataclass
class Account:
    """A record with a secret that its `repr` would show."""

    password_hash: str = PLAIN


def line(**fields: Any) -> str:
    """What a line says, through every step of the real chain."""
    steps = Patient(
        structlog.processors.add_log_level,
        redact,
        structlog.processors.format_exc_info,
        scrub,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    )
    return steps(None, "info", {"event": "odd", **fields})


def hidden(said: str) -> bool:
    """Whether none of the secrets stands in a line."""
    return not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("name", NAMES)
def test_a_field_with_a_secret_name(name):
    """Whatever it holds, at the top and inside others."""
    assert hidden(line(**{name: PLAIN}))
    assert hidden(line(inside=[{"more": ({name: [PLAIN]},)}]))


@pytest.mark.parametrize("text", TELLTALES)
def test_what_gives_itself_away(text):
    """In a text of any name, in the event itself, and as a key."""
    for fields in ({"text": text}, {"event": text}, {"headers": {text: 1}}, {"several": [text, (text,)]}):
        assert hidden(line(**fields))


@pytest.mark.parametrize(
    "value",
    [PermitRef("CH", NUMBER), Account(), [Account()], NUMBER.encode(), {"of": PermitRef("CH", NUMBER)}],
)
def test_records_and_bytes_are_named_and_not_shown(value):
    """A permit, an account, a document: what it is, not what it says."""
    assert hidden(line(value=value))


def test_a_traceback_with_a_token():
    """The sentence of an exception is not under our control."""
    try:
        int(f"no such token: {TOKEN}")
    except ValueError as error:
        said = line(exc_info=error)
    assert "Traceback" in said
    assert hidden(said)


NESTED = st.recursive(
    st.sampled_from(
        [*TELLTALES, 1, None, True, 2.5, "a word", PermitRef("CH", NUMBER), NUMBER.encode(), Account()]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=8), inner, max_size=4),
        st.dictionaries(st.sampled_from(NAMES), st.just(PLAIN), max_size=2),
    ),
    max_leaves=30,
)


@given(NESTED)
def test_however_it_is_nested(value):
    """Lists in tables in lists: the line is JSON, and no secret is in it."""
    said = line(value=value)
    assert hidden(said)
    assert json.loads(said)["event"] == "odd"


def test_what_refers_to_itself_is_cut_off():
    """A list that holds itself ends, and nobody waits for it."""
    endless: list[Any] = [1]
    endless.append(endless)
    assert "(...)" in line(value=endless)


def test_ordinary_words_are_left_alone():
    """An operator still reads what happened."""
    said = json.loads(line(partner="fr", count=3, text="a token is missing; send it", seconds=0.5, at=None))
    assert said == {
        "event": "odd",
        "level": "info",
        "partner": "fr",
        "count": 3,
        "text": "a token is missing; send it",
        "seconds": 0.5,
        "at": None,
    }


def test_a_step_that_raises_is_one_line_less():
    """Who logs goes on; the line says that something could not be said, and nothing of it."""

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError(PLAIN)

    said = json.loads(Patient(broken)(None, "info", {"event": PLAIN}))
    assert (said["event"], said["error"]) == ("log_line_failed", "ZeroDivisionError")
    assert hidden(json.dumps(said))


def test_without_a_standard_error_nobody_waits(monkeypatch):
    """A process that was started with it closed has none: lines are lost, and that is all."""
    monkeypatch.setattr(logs.sys, "stderr", None)
    config = structlog.get_config()
    try:
        logs.set_up()
        structlog.get_logger().info("lost")
    finally:
        structlog.configure(**config)
