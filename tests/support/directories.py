"""Directories of partners for tests, good ones and the keys of their publishers."""

from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.directory_file import (
    DirectoryFile,
    ListedAuthority,
    ListedCertificate,
    ListedPartner,
    build,
)
from gateway.exchange.records import Direction
from gateway.signatures.keys import SigningKey
from gateway.signatures.sign import sign
from support.exchange import FR_CUSTOMS, FR_MA
from support.gateways import gateway_key, ma_key
from support.keys import NOW, seal


def publisher_key() -> SigningKey:
    """The key of the hub that publishes."""
    return seal("hub", "CH")


def listed(certificate: x509.Certificate) -> ListedCertificate:
    """A certificate as a directory lists it."""
    return ListedCertificate(
        certificate.public_bytes(Encoding.DER),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def france(**changes: Any) -> ListedPartner:
    """The gateway of France, with every field filled and two certificates that overlap."""
    made = ListedPartner(
        id="fr",
        url="https://fr.invalid/exchange/v1/messages",
        certificates=(listed(gateway_key("FR").certificate), listed(seal("fr next", "FR").certificate)),
        authorities=(
            ListedAuthority(FR_MA, (listed(ma_key("FR").certificate),)),
            ListedAuthority(FR_CUSTOMS),
        ),
        versions=("v1", "v2"),
        allowed=(Allowed(Direction.IN, "permit"), Allowed(Direction.OUT, "permit")),
        channels=(Channel(ChannelRule.FORWARD_COPY, FR_CUSTOMS),),
    )
    return replace(made, **changes)


def directory(*partners: ListedPartner, **changes: Any) -> DirectoryFile:
    """Edition 7 of the hub's directory; with France when nobody is named."""
    return replace(DirectoryFile("hub", 7, NOW, partners or (france(),)), **changes)


def signed(made: DirectoryFile, key: SigningKey | None = None) -> bytes:
    """The signed document."""
    return sign(build(made), key or publisher_key())
