"""Which addresses of partners protect what is sent to them."""

import pytest

from gateway.exchange.addresses import is_safe_address


@pytest.mark.parametrize(
    "url",
    [
        "https://ecites.example.fr/exchange/v1/messages",
        "http://127.0.0.1:8402/exchange/v1/messages",
        "http://127.9.9.9/",
        "http://[::1]:8402/",
        "http://localhost:8402/",
        "HTTP://LOCALHOST/",
    ],
)
def test_protected_or_on_this_machine(url):
    """TLS, or an address that never leaves this machine."""
    assert is_safe_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://ecites.example.fr/",
        "http://127.0.0.1@ecites.example.fr/",
        "http://localhost.example.fr/",
        "http://192.0.2.1/",
        "http://0.0.0.0/",
        "http://[::1/",
        "ftp://127.0.0.1/",
        "https:///exchange",
        "",
    ],
)
def test_open_to_others_or_no_address(url):
    """Plain HTTP to another machine, whatever stands before the @, and what is no address at all."""
    assert not is_safe_address(url)
