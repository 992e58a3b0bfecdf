"""What the configuration says about alerts, and what it may not say."""

from datetime import timedelta

import pytest
from support.webhooks import SECRET

from gateway.config import load
from gateway.errors import ConfigurationError, KeyMaterialError
from gateway.loading.alerts import load_receivers
from gateway.transport.tls import ClientTls

BASE = """
[gateway]
key = "gateway.key.pem"
certificate = "gateway.crt.pem"

[[authority]]
id = "CH:CUSTOMS"
"""
MAIL = {"host": '"mail.invalid"', "sender": '"a@ma.invalid"', "to": '["b@ma.invalid"]'}
LOGIN = {"user": '"u"', "password_file": '"mail.password"'}
HOOK = {"url": '"https://calls.invalid/"', "secrets": '["one.secret"]'}


def table(name, keys):
    """A table; an empty value leaves a key out."""
    return "\n".join((f"\n[{name}]", *(f"{key} = {value}" for key, value in keys.items() if value), ""))


@pytest.fixture
def read(tmp_path):
    """Load a configuration with more tables."""

    def load_text(more):
        file = tmp_path / "ecites.toml"
        file.write_text(BASE + more, encoding="utf-8")
        return load(file, {})

    return load_text


def keep(file, text, mode=0o600):
    """A file with a secret."""
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def test_nobody_is_told_by_default(read):
    """Alarms are looked for all the same."""
    settings = read("")
    assert load_receivers(settings, ClientTls) == []
    assert timedelta(seconds=settings.alerts.beat_seconds) == timedelta(minutes=1)


def test_both_receivers(read, tmp_path):
    """Webhook and mail, with their secrets."""
    keep(tmp_path / "one.secret", SECRET)
    keep(tmp_path / "mail.password", "secret\n")
    text = (
        table("alerts", {"language": '"fr"'})
        + table("alerts.webhook", HOOK)
        + table("alerts.mail", MAIL | LOGIN)
    )
    settings = read(text)
    assert [each.name for each in load_receivers(settings, ClientTls)] == ["webhook", "mail"]
    assert settings.alerts.language == "fr"


@pytest.mark.parametrize(
    ("name", "keys", "says"),
    [
        ("alerts", {"language": '"de"'}, "language must be one of en, fr, es"),
        ("alerts", {"silent_minutes": "0"}, "silent_minutes must be more than 0"),
        ("alerts", {"pause_minutes": "-1"}, "pause_minutes must be 0 or more"),
        ("alerts", {"disk_percent": "100"}, "disk_percent must be from 0 to less than 100"),
        ("alerts", {"silent": "1"}, "did you mean silent_minutes"),
        ("alerts.webhook", HOOK | {"url": '"http://calls.invalid/"'}, "must be https"),
        ("alerts.webhook", HOOK | {"url": '"https://u:p@calls.invalid/"'}, "no user and no password"),
        ("alerts.webhook", HOOK | {"secrets": "[]"}, "one file, or two"),
        ("alerts.mail", MAIL | {"sender": '"nobody"'}, "'nobody' is no mail address"),
        ("alerts.mail", MAIL | {"to": '["a@b.invalid\\nBcc: c@d.invalid"]'}, "no mail address"),
        ("alerts.mail", MAIL | {"to": "[]"}, "must not be empty"),
        ("alerts.mail", MAIL | {"seconds": "0"}, "seconds must be more than 0"),
        ("alerts.mail", MAIL | {"user": '"u"'}, "belong together"),
        ("alerts.mail", MAIL | LOGIN | {"starttls": "false"}, "with starttls = true only"),
    ],
)
def test_what_it_may_not_say(name, keys, says, read):
    """A sentence that names the key."""
    with pytest.raises(ConfigurationError, match=says):
        read(table(name, keys))


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [(None, 0o600, "cannot be read"), ("\n", 0o600, "is empty"), ("secret", 0o644, "chmod")],
)
def test_a_password_of_no_use(text, mode, says, read, tmp_path):
    """Missing, empty, or open to others: a refusal to start."""
    if text is not None:
        keep(tmp_path / "mail.password", text, mode)
    with pytest.raises(KeyMaterialError) as caught:
        load_receivers(read(table("alerts.mail", MAIL | LOGIN)), ClientTls)
    assert says in f"{caught.value.message} {caught.value.advice}"
    assert "secret" not in caught.value.message.replace("mail.password", "")
