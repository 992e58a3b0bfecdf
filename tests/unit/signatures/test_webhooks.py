"""Signatures of webhooks, also as a library verifies them that knows nothing of ours."""

import base64

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError
from support.webhooks import OTHER, SECRET

from gateway import clock
from gateway.errors import KeyMaterialError
from gateway.signatures.webhooks import LEAST_BYTES, MOST_BYTES, new_secret, read_secret, signature

ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def whsec(size: int) -> str:
    """A secret of so many bytes."""
    return "whsec_" + base64.b64encode(b"x" * size).decode()


def headers(signed: str, at: int, webhook_id: str = ID) -> dict[str, str]:
    """As they travel."""
    return {"webhook-id": webhook_id, "webhook-timestamp": str(at), "webhook-signature": signed}


def test_the_published_vector():
    """The example that the libraries of the specification test themselves with (repository, tests)."""
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a test")
    made = signature([key], ID, 1614265330, BODY)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def verify(secret: str, body: bytes, told: dict[str, str]) -> None:
    """As a receiver does it."""
    Verifier(secret).verify(body, told, json_parse=False)


@pytest.mark.parametrize("body", [BODY, b"", '{"é": "日本"}'.encode(), b"x" * 100_000])
@pytest.mark.parametrize("mine", [SECRET, OTHER])
def test_the_library_of_the_specification_verifies_it(body, mine):
    """While there are two secrets a receiver may have either; one with another secret refuses."""
    at = int(clock.now().timestamp())
    signed = signature([read_secret(SECRET, ""), read_secret(OTHER, "")], ID, at, body)
    verify(mine, body, headers(signed, at))
    with pytest.raises(WebhookVerificationError):
        verify(new_secret(), body, headers(signed, at))


@pytest.mark.parametrize("change", ["body", "id", "time"])
def test_everything_is_signed(change):
    """A changed body, id or time does not verify."""
    at = int(clock.now().timestamp())
    signed = signature([read_secret(SECRET, "")], ID, at, BODY)
    body = BODY + b" " if change == "body" else BODY
    told = headers(signed, at + (change == "time"), ID + "x" if change == "id" else ID)
    with pytest.raises(WebhookVerificationError):
        verify(SECRET, body, told)


def test_a_new_secret_can_be_read():
    """Each is another one, of 32 bytes."""
    first, second = new_secret(), new_secret()
    assert len(read_secret(first, "")) == len(read_secret(second, "")) == 32
    assert first != second


@pytest.mark.parametrize("size", [LEAST_BYTES, MOST_BYTES])
def test_the_sizes_that_pass(size):
    """24 to 64 bytes (Standard Webhooks)."""
    assert read_secret(whsec(size), "") == b"x" * size


@pytest.mark.parametrize(
    "text",
    [
        whsec(LEAST_BYTES - 1),
        whsec(MOST_BYTES + 1),
        whsec(32).removeprefix("whsec_"),
        whsec(32) + "!",
        "whsec_",
        "",
        "whsk_" + "A" * 44,
        "whsec_" + "é" * 44,
    ],
)
def test_what_is_no_secret_is_refused(text):
    """Too short, too long, without its prefix, or no base64; the text is not in the message."""
    with pytest.raises(KeyMaterialError, match="here holds no secret") as refused:
        read_secret(text, "here")
    assert len(text) < len("whsec_x") or text not in refused.value.message
