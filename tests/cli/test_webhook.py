"""`ecites webhook`: a secret is made, webhooks are listed, one is tried."""

import json
import re
from pathlib import Path

import pytest
from cli.conftest import Run
from support.receiver import Receiver

from gateway.config import load
from gateway.exchange.webhooks import Format
from gateway.loading.webhooks import secrets_of
from gateway.signatures.webhooks import read_secret

URL = "https://customs.invalid/events"


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of Switzerland."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    return tmp_path / "ch" / "ecites.toml"


def new(ecites: Run, config: Path, *more: str, name: str = "customs") -> dict[str, str]:
    """Make a secret; what the command says."""
    code, out, err = ecites("webhook", "new", name, *more, "--config", config, "--json")
    assert code == 0, err
    made: dict[str, str] = json.loads(out)
    return made


def first(ecites: Run, config: Path, url: str = URL, more: str = "") -> dict[str, str]:
    """A new webhook, written into the configuration."""
    made = new(ecites, config, "--authority", "CH:CUSTOMS", "--url", url)
    with config.open("a", encoding="utf-8") as opened:
        opened.write(f"\n{made['table']}\n{more}\n")
    return made


def test_a_new_webhook(config: Path, ecites: Run) -> None:
    """The table that is shown is good, and its file holds the secret for its owner alone."""
    made = first(ecites, config)
    settings = load(config, {})
    (webhook,) = settings.webhook
    assert (webhook.name, str(webhook.authority), webhook.url) == ("customs", "CH:CUSTOMS", URL)
    assert webhook.secrets == (Path(made["file"]),)
    assert secrets_of(settings, "customs") == (read_secret(made["secret"], ""),)
    assert Path(made["file"]).stat().st_mode & 0o777 == 0o600


def test_the_doctor_looks_at_the_secrets(config: Path, ecites: Run) -> None:
    """A file that others may read is told before the gateway refuses to start with it."""
    file = Path(first(ecites, config)["file"])
    assert "secret of a webhook" not in ecites("doctor", "--config", config)[1]
    file.chmod(0o644)
    assert "secret of a webhook" in " ".join(ecites("doctor", "--config", config)[1].split())


def test_a_second_secret(config: Path, ecites: Run) -> None:
    """The line that is shown names both; a third one is refused."""
    one = first(ecites, config)
    two = new(ecites, config)
    assert two["secret"] != one["secret"]
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"secrets = .*", two["table"], text), encoding="utf-8")
    known = tuple(read_secret(each["secret"], "") for each in (one, two))
    assert secrets_of(load(config, {}), "customs") == known
    code, _, err = ecites("webhook", "new", "customs", "--config", config)
    assert code == 2
    assert "2 secrets already" in err


def test_what_is_made_is_said_in_words(config: Path, ecites: Run) -> None:
    """The secret, its file and the table."""
    arguments = ("webhook", "new", "ma", "--authority", "CH:MA", "--url", URL, "--config", config)
    code, out, _ = ecites(*arguments)
    assert code == 0
    assert "whsec_" in out
    assert "[[webhook]]" in out
    assert "webhook-ma-1.secret" in out


@pytest.mark.parametrize(
    ("name", "authority", "url", "sentence"),
    [
        ("customs", "FR:CUSTOMS", URL, "does not live here"),
        ("customs", "nobody", URL, "not the id of an authority"),
        ("customs", "CH:CUSTOMS", "http://customs.invalid/", "url must be https"),
        ("Customs!", "CH:CUSTOMS", URL, "name must have"),
    ],
)
def test_what_cannot_be_configured_is_refused(
    config: Path, ecites: Run, name: str, authority: str, url: str, sentence: str
) -> None:
    """Before a file is written."""
    arguments = ("webhook", "new", name, "--authority", authority, "--url", url, "--config", config)
    code, _, err = ecites(*arguments)
    assert code == 2
    assert sentence in " ".join(err.split())
    assert not list((config.parent / "keys").glob("*.secret"))


def test_the_list(config: Path, ecites: Run) -> None:
    """Whom it tells, what, and how it answers; the secret is not in it."""
    made = first(ecites, config, more='format = "xml"\nkinds = ["permit.endorsed"]')
    code, out, _ = ecites("webhook", "list", "--config", config, "--json")
    (row,) = json.loads(out)["webhooks"]
    assert code == 0
    assert (row["format"], row["kinds"], row["health"]) == (Format.XML, ["permit.endorsed"], None)
    assert row["partner"] == "webhook:customs"
    for more in ((), ("--json",)):
        _, out, _ = ecites("webhook", "list", "--config", config, *more)
        assert "customs" in out
        assert made["secret"] not in out


@pytest.mark.parametrize("form", list(Format))
def test_a_test_is_pushed(config: Path, ecites: Run, tmp_path: Path, form: Format) -> None:
    """The receiver has it under the id that is shown; a wrong secret is told."""
    receiver = Receiver(tmp_path, "")
    receiver.start()
    receiver.kill()
    receiver.secret = first(ecites, config, receiver.url, f'format = "{form}"')["secret"]
    code, _, err = ecites("webhook", "test", "customs", "--config", config)
    assert (code, "cannot be reached" in err) == (3, True)
    receiver.start()
    try:
        code, out, err = ecites("webhook", "test", "customs", "--config", config, "--json")
        assert code == 0, err
        ((event_id, body),) = receiver.events().items()
        assert event_id == json.loads(out)["id"]
        assert (b"webhook.test" in body, b"<Test" in body) == (form is Format.CLOUDEVENTS, form is Format.XML)
        assert "took event" in ecites("webhook", "test", "customs", "--config", config)[1]
        (tmp_path / "secret").write_text(f"whsec_{'A' * 43}=", encoding="ascii")
        code, _, err = ecites("webhook", "test", "customs", "--config", config)
        assert (code, "HTTP 401" in err) == (3, True)
    finally:
        receiver.kill()


def test_a_webhook_that_is_not_there(config: Path, ecites: Run) -> None:
    """Those that are there are named."""
    first(ecites, config)
    code, _, err = ecites("webhook", "test", "other", "--config", config)
    assert code == 2
    assert "known: customs" in " ".join(err.split())
