"""What the configuration says about mailboxes, and what it may not say."""

import pytest

from gateway.config import load
from gateway.errors import ConfigurationError

BASE = """
[gateway]
key = "gateway.key.pem"
certificate = "gateway.crt.pem"

[[authority]]
id = "CH:MA"
key = "ma.key.pem"
certificate = "ma.crt.pem"

[[partner]]
id = "fr"
certificates = ["fr"]
authority = [{ id = "FR:MA", certificates = ["fr"] }]
"""
URL = 'url = "https://fr.invalid/exchange"\n'
THEIRS = "mailbox = true\n"
BOX = 'mailbox_url = "https://fr.invalid/exchange/v1/mailbox"\n'
OURS = BOX + 'mailbox_token_file = "fr.token"\n'


@pytest.fixture
def read(tmp_path):
    """Load a configuration with more words about the partner."""

    def load_text(more):
        file = tmp_path / "ecites.toml"
        file.write_text(BASE + more, encoding="utf-8")
        return load(file, {})

    return load_text


def test_a_partner_that_only_calls_out(read):
    """It needs no address."""
    partner = read(THEIRS).directory().partners["fr"]
    assert (partner.mailbox, partner.url, partner.mailbox_url) == (True, "", "")


def test_a_partner_that_keeps_a_mailbox_for_us(read, tmp_path):
    """Its address and the file with our token, which lies beside the configuration."""
    settings = read(URL + OURS)
    partner = settings.directory().partners["fr"]
    assert (partner.mailbox, partner.mailbox_url) == (False, "https://fr.invalid/exchange/v1/mailbox")
    assert settings.partner[0].mailbox_token_file == tmp_path / "fr.token"
    assert settings.partner[0].places() == (tmp_path / "fr", tmp_path / "fr")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("", r"partner\[1\]\.url is missing; a partner that only calls out has mailbox = true"),
        ("mailbox = false\n", r"partner\[1\]\.url is missing"),
        ('mailbox = "yes"\n', r"partner\[1\]\.mailbox must be true or false, not 'yes'"),
        ("mailbox = 1\n", r"partner\[1\]\.mailbox must be true or false, not 1"),
        (URL + BOX, "belong together: name both, or neither"),
        (URL + 'mailbox_token_file = "fr.token"\n', "belong together: name both, or neither"),
        (URL + OURS.replace("https", "ftp"), "needs an id without a colon and an http"),
        (URL + OURS.replace("https", "http"), "which sends permits unprotected"),
        (THEIRS + OURS.replace("https", "http"), "which sends permits unprotected"),
    ],
)
def test_words_that_mean_nothing(more, sentence, read):
    """Each is refused with a sentence that says what is wrong."""
    with pytest.raises(ConfigurationError, match=sentence):
        read(more)
