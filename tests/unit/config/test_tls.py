"""What the configuration says about TLS, and what it may not say."""

from pathlib import Path

import pytest

from gateway.config import load
from gateway.errors import ConfigurationError
from gateway.web.keys import ProxySettings, TlsSettings

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
url = "https://fr.invalid/exchange"
certificates = ["fr"]
tls_certificates = ["fr/tls.crt.pem"]
authority = [{ id = "FR:MA", certificates = ["fr"] }]
"""
WEB = '\n[web]\nclient_certificates = "required"\n'
TLS = '\n[web.tls]\ncertificate = "tls.crt.pem"\nkey = "tls.key.pem"\n'
PROXY = '\n[web.proxy]\nsecret = "proxy.secret"\n'
PINS = 'tls_certificates = ["fr/tls.crt.pem"]\n'


@pytest.fixture
def read(tmp_path):
    """Load a configuration from text, with variables of the environment."""

    def load_text(text, **environment):
        file = tmp_path / "ecites.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environment)

    return load_text


def test_tls_of_the_gateway_itself(read, tmp_path):
    """Files are relative to the configuration, and a variable lies over them."""
    settings = read(BASE + WEB + TLS, ECITES_WEB__TLS__KEY="/run/key.pem")
    assert settings.web.client_certificates == "required"
    assert settings.web.tls == TlsSettings(tmp_path / "tls.crt.pem", Path("/run/key.pem"))
    assert settings.partner[0].tls_certificates == (tmp_path / "fr/tls.crt.pem",)
    assert settings.partner[0].tls_server_check == "name"


def test_client_certificates_of_an_authority(read, tmp_path):
    """They are files or folders; nobody could show one while nobody is asked for any."""
    base = BASE.replace(
        'certificate = "ma.crt.pem"\n', 'certificate = "ma.crt.pem"\nclient_certificates = ["ma"]\n'
    )
    assert read(base + WEB + TLS).authority[0].client_certificates == (tmp_path / "ma",)
    with pytest.raises(ConfigurationError, match="CH:MA has client_certificates") as error:
        read(base)
    assert 'client_certificates = "optional"' in error.value.advice


def test_tls_of_a_proxy(read, tmp_path):
    """The names of the headers have defaults."""
    settings = read(BASE + WEB + PROXY)
    expected = ProxySettings(tmp_path / "proxy.secret", "X-Client-Certificate", "X-Proxy-Secret")
    assert settings.web.proxy == expected


def test_without_a_word_nothing_is_asked_for(read):
    """A configuration from before TLS means what it meant."""
    settings = read(BASE.replace(PINS, ""))
    assert (settings.web.tls, settings.web.proxy, settings.web.client_certificates) == (None, None, "none")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BASE + WEB, "nobody could show us one"),
        (BASE + PROXY, "nobody would look at what"),
        (BASE + WEB.replace("required", "perhaps") + TLS, "must be one of none, optional, required"),
        (BASE.replace(PINS, "") + WEB + TLS, "partner fr has no tls_certificates"),
        (BASE.replace(PINS, 'tls_server_check = "certificate"\n'), "checked by its certificate, but has no"),
        (BASE.replace(PINS, PINS + 'tls_server_check = "off"\n'), "must be name or certificate, not 'off'"),
        (BASE + '\n[transport]\ncertificate = "tls.crt.pem"\n', "belong together"),
        (BASE + TLS.replace("key =", "kei ="), "did you mean key"),
        (BASE + '\n[web.tls]\ncertificate = "tls.crt.pem"\n', "web.tls.key is missing"),
    ],
)
def test_what_contradicts_itself_is_refused(read, text, sentence):
    """The sentence names the setting; nothing is switched off in silence."""
    with pytest.raises(ConfigurationError) as refused:
        read(text)
    assert sentence in refused.value.message + refused.value.advice


def test_permits_do_not_travel_in_the_open(read):
    """Plain HTTP to another machine is refused in production and taken in development."""
    text = BASE.replace("https://fr.invalid", "http://fr.invalid")
    with pytest.raises(ConfigurationError, match="sends permits unprotected"):
        read(text)
    assert read(text, ECITES_ENVIRONMENT="development").partner[0].url.startswith("http:")
    assert read(BASE.replace("https://fr.invalid", "http://127.0.0.1:8402"))
