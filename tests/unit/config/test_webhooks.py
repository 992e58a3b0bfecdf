"""What the configuration says about webhooks, and what it may not say."""

import pytest
from support.webhooks import OTHER, SECRET

from gateway.config import load
from gateway.errors import ConfigurationError, KeyMaterialError
from gateway.exchange.events import TOLD, EventKind
from gateway.exchange.webhooks import Format
from gateway.loading.webhooks import load_webhooks, secrets_of
from gateway.signatures.webhooks import read_secret

BASE = """
[gateway]
key = "gateway.key.pem"
certificate = "gateway.crt.pem"

[[authority]]
id = "CH:CUSTOMS"
"""
TABLE = {
    "name": '"customs"',
    "authority": '"CH:CUSTOMS"',
    "url": '"https://customs.invalid/events"',
    "secrets": '["one.secret"]',
}


def hook(**changes: str) -> str:
    """A table; None leaves a key out."""
    lines = [f"{key} = {value}" for key, value in (TABLE | changes).items() if value]
    return "\n".join(("\n[[webhook]]", *lines, ""))


@pytest.fixture
def read(tmp_path):
    """Load a configuration with more tables."""

    def load_text(more):
        file = tmp_path / "ecites.toml"
        file.write_text(BASE + more, encoding="utf-8")
        return load(file, {})

    return load_text


def keep(folder, name, text, mode=0o600):
    """A file with a secret."""
    file = folder / name
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def test_a_webhook_that_takes_everything(read, tmp_path):
    """The defaults: every kind of event, as CloudEvents."""
    (made,) = read(hook()).webhook
    assert made.secrets == (tmp_path / "one.secret",)
    assert (made.kinds, made.format) == (TOLD, Format.CLOUDEVENTS)
    assert made.webhook().id == "webhook:customs"


def test_every_key(read):
    """Two secrets, some kinds, XML; http on this machine itself."""
    (made,) = read(
        hook(
            url='"http://127.0.0.1:9000/"',
            secrets='["one.secret", "two.secret"]',
            kinds='["permit.endorsed"]',
            format='"xml"',
        )
    ).webhook
    assert (made.kinds, made.format) == ((EventKind.ENDORSED,), Format.XML)
    assert len(made.secrets) == 2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (hook(name='"Customs"'), "name must have"),
        (hook(name='""'), "name must have"),
        (hook(name='"a:b"'), "name must have"),
        (hook(name=f'"{"a" * 51}"'), "name must have"),
        (hook(url='"http://customs.invalid/"'), "url must be https"),
        (hook(url='"ftp://localhost/"'), "url must be https"),
        (hook(url='"https://user:word@customs.invalid/"'), "no user and no password"),
        (hook(secrets="[]"), "secrets must name"),
        (hook(secrets='["a", "b", "c"]'), "secrets must name"),
        (hook(kinds="[]"), "kinds must be some of"),
        (hook(kinds='["webhook.test"]'), "kinds must be some of"),
        (hook(kinds='["permit.eaten"]'), "must be one of"),
        (hook(format='"soap"'), "must be one of"),
        (hook(secrets=""), "secrets is missing"),
        (hook(authority='"FR:CUSTOMS"'), "does not live here"),
        (hook() + hook(url='"https://other.invalid/"'), "webhook customs stands twice"),
    ],
)
def test_what_it_may_not_say(read, more, sentence):
    """Each is told at the start, with its key."""
    with pytest.raises(ConfigurationError, match=sentence):
        read(more)


def test_a_name_of_fifty_letters_passes(read):
    """The longest one, with the word before it, fits where deliveries are kept."""
    (made,) = read(hook(name=f'"{"a" * 50}"')).webhook
    assert len(made.webhook().id) <= 64


def test_the_secrets_are_read_each_time(read, tmp_path):
    """Another one in the file counts without a restart."""
    settings = read(hook(secrets='["one.secret", "two.secret"]'))
    keep(tmp_path, "two.secret", OTHER)
    for text in (SECRET, OTHER):
        keep(tmp_path, "one.secret", f"{text}\n")
        assert secrets_of(settings, "customs") == (read_secret(text, ""), read_secret(OTHER, ""))
    assert list(load_webhooks(settings)) == ["webhook:customs"]


@pytest.mark.parametrize(
    ("text", "mode", "sentence"),
    [
        (SECRET, 0o640, "is open to others"),
        (SECRET, 0o604, "is open to others"),
        ("", 0o600, "holds no secret"),
        ("a word", 0o600, "holds no secret"),
        ("whsec_é", 0o600, "holds no secret"),
        (f"{SECRET}\n{SECRET}", 0o600, "holds no secret"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(read, tmp_path, text, mode, sentence):
    """Rather than that nothing can be pushed later."""
    keep(tmp_path, "one.secret", text, mode)
    with pytest.raises(KeyMaterialError, match=sentence):
        load_webhooks(read(hook()))


def test_a_file_that_is_missing_stops_the_start(read):
    """The file is named."""
    with pytest.raises(KeyMaterialError, match=r"one\.secret .* cannot be read"):
        load_webhooks(read(hook()))
