"""Every certificate on which a running gateway relies: what ends with them stops traffic."""

from collections.abc import Iterator

from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.flows.ports import Node
from gateway.loading.tls import tls_files
from gateway.signatures.in_use import InUse, Purpose
from gateway.signatures.keyring import GATEWAY, TrustStore, Use
from gateway.signatures.keys import load_certificates


def certificates_in_use(node: Node, tls: TrustStore, settings: Settings) -> Iterator[InUse]:
    """Ours but for retired ones, those of partners, and those of TLS; `tls` are those of partners."""
    at = node.clock.now()
    for key in node.keys.keys:
        if key.certificate is not None and node.keys.use(key, at) is not Use.RETIRED:
            purpose = Purpose.GATEWAY if key.owner == GATEWAY else Purpose.SEAL
            yield InUse(key.owner, purpose, f"{key.name} ({key.owner})", key.certificate)
    for partner in node.directory.partners.values():
        for owner in (partner.id, *map(str, partner.authorities)):
            for certificate in node.trust.of(owner):
                yield InUse(owner, Purpose.PARTNER, owner, certificate)
        for certificate in tls.of(partner.id):
            yield InUse(partner.id, Purpose.TLS, f"{partner.id} (TLS)", certificate)
    yield from own_tls(settings)


def own_tls(settings: Settings) -> Iterator[InUse]:
    """What we show in handshakes; a file that cannot be read just now is left out: the watch says so."""
    for file in dict.fromkeys(tls_files(settings)[::2]):
        try:
            leaf = load_certificates(file)[0]
        except GatewayError:
            continue
        yield InUse(GATEWAY, Purpose.TLS, f"{file} (TLS)", leaf)
