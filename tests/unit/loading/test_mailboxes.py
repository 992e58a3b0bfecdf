"""The files with the tokens for mailboxes at partners."""

from pathlib import Path

import pytest

from gateway.cli.folder import make_folder
from gateway.config import Settings, load
from gateway.errors import KeyMaterialError
from gateway.loading.mailboxes import check_tokens, token_of
from gateway.permits.identity import AuthorityId

PARTNER = """
[[partner]]
id = "fr"
url = "http://127.0.0.1:1/exchange/v1/messages"
mailbox_url = "http://127.0.0.1:1/exchange/v1/mailbox"
mailbox_token_file = "fr.token"
certificates = ["public/gateway.crt.pem"]

[[partner.authority]]
id = "FR:CUSTOMS"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Switzerland, for which France keeps a mailbox."""
    config = make_folder(tmp_path / "ch", [AuthorityId.parse("CH:MA")], port=1).config
    with config.open("a", encoding="utf-8") as opened:
        opened.write(PARTNER)
    return load(config, {})


def write(settings: Settings, content: bytes, mode: int = 0o600) -> Path:
    """The file with the token."""
    file = settings.folder / "fr.token"
    file.touch(mode=0o600)
    file.write_bytes(content)
    file.chmod(mode)
    return file


def test_the_token_is_read_each_time(settings):
    """A new one counts without a restart; the line end does not belong to it."""
    for token in ("ecites_first", "ecites_second"):
        write(settings, f"{token}\n".encode())
        check_tokens(settings)
        assert token_of(settings, "fr") == token


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"ecites_x", 0o640, "is open to others"),
        (b"ecites_x", 0o604, "is open to others"),
        (b"", 0o600, "holds no token"),
        (b"\n", 0o600, "holds no token"),
        (b"two words", 0o600, "holds no token"),
        (b"two\nlines", 0o600, "holds no token"),
        ("é".encode(), 0o600, "holds no token"),
    ],
)
def test_a_file_that_is_refused(content, mode, sentence, settings):
    """A secret that others can read is none, and what is no token would break a header."""
    write(settings, content, mode)
    for look in (lambda: check_tokens(settings), lambda: token_of(settings, "fr")):
        with pytest.raises(KeyMaterialError, match=sentence) as refused:
            look()
        assert refused.value.advice


def test_a_file_that_is_missing(settings):
    """The sentence names it."""
    with pytest.raises(KeyMaterialError, match=r"fr\.token with the token of a mailbox cannot be read"):
        check_tokens(settings)


def test_a_partner_that_keeps_none(settings):
    """There is no token for somebody else's mailbox."""
    with pytest.raises(KeyMaterialError, match="no token for a mailbox at partner de"):
        token_of(settings, "de")
