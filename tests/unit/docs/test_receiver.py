"""The example receiver of docs/webhooks.md does what the page says."""

import http.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.receiver import Receiver
from support.webhooks import OTHER, SECRET

from gateway import clock
from gateway.signatures.webhooks import read_secret, signature

ID = "019ab3f0-0000-7000-8000-000000000000"
BODY = b'{"a": 1}'


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """The receiver, running."""
    made = Receiver(tmp_path, SECRET)
    made.start()
    yield made
    made.kill()


def post(
    receiver: Receiver,
    *secrets: str,
    body: bytes = BODY,
    signed: bytes | None = None,
    age: timedelta = timedelta(),
    **changes: str,
) -> int:
    """Send an event as the gateway does; the status of the answer."""
    stamp = int((clock.now() - age).timestamp())
    keys = [read_secret(each, "") for each in secrets]
    headers = {
        "webhook-id": ID,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(keys, ID, stamp, body if signed is None else signed),
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=30)
    try:
        connection.request("POST", "/", body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_an_event_is_stored_once(receiver: Receiver) -> None:
    """A repetition is answered like the first one, which stands: the balance in it may be another one."""
    assert [post(receiver, SECRET, body=body) for body in (BODY, BODY, b"{}")] == [204, 204, 204]
    assert receiver.events() == {ID: BODY}


def test_one_good_signature_of_two_is_enough(receiver: Receiver) -> None:
    """While a secret is replaced the gateway signs with both."""
    assert post(receiver, OTHER, SECRET) == 204


def test_a_wrong_secret_is_refused(receiver: Receiver) -> None:
    """And so is no signature, or one of something else."""
    assert post(receiver, OTHER) == 401
    assert post(receiver) == 401
    assert post(receiver, SECRET, signed=b"else") == 401
    assert post(receiver, SECRET, webhook_id="another") == 401
    assert post(receiver, SECRET, webhook_signature="v1, nonsense é") == 401
    assert post(receiver, SECRET, webhook_timestamp="soon") == 401
    assert receiver.events() == {}


@pytest.mark.parametrize(("minutes", "status"), [(4, 204), (-4, 204), (6, 401), (-6, 401)])
def test_a_recorded_request_is_refused_later(receiver: Receiver, minutes: int, status: int) -> None:
    """A timestamp more than 5 minutes away, however well it is signed."""
    assert post(receiver, SECRET, age=timedelta(minutes=minutes)) == status


def test_a_body_that_is_too_large_is_not_read(receiver: Receiver) -> None:
    """Its declared length is enough."""
    assert post(receiver, SECRET, content_length=str(8 * 1024 * 1024 + 1)) == 413
    assert post(receiver, SECRET, content_length="-1") == 413


def test_what_is_stored_is_on_disk(receiver: Receiver) -> None:
    """After a kill it is there, and a repetition is still one."""
    assert post(receiver, SECRET) == 204
    receiver.kill()
    receiver.start()
    assert post(receiver, SECRET) == 204
    assert receiver.events() == {ID: BODY}
