"""Canonical bytes and digests."""

import base64
import hashlib

from lxml import etree

from gateway.errors import NotXML


def canonical(element: etree._Element) -> bytes:
    """
    Exclusive C14N 1.0 without comments of `element` and what is below it.

    Raises `NotXML` when libxml2 refuses to canonicalise, for example on a relative namespace name: an
    error here must never become a digest of nothing (attack 4, void canonicalization).
    """
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError as error:
        raise NotXML(f"the document cannot be canonicalised: {error}") from None


def sha256_base64(data: bytes) -> str:
    """SHA-256 of `data` in base64, the form that XML Signature and our envelope use."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` in hex, the form that people compare."""
    return hashlib.sha256(data).hexdigest()
