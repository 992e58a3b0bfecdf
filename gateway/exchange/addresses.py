"""Addresses of partners: when one without TLS is acceptable."""

import ipaddress
from urllib.parse import urlsplit


def is_safe_address(url: str) -> bool:
    """
    True for https, and for http that does not leave this machine.

    The host counts, not what stands before an @ sign. What cannot be read as an address is not safe.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":  # RFC 6761, 6.3: never another machine
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
