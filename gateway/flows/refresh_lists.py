"""A revocation list is fetched from its distribution point."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from gateway.errors import KeyMaterialError
from gateway.flows.journal import entry
from gateway.flows.ports import ListFolder, ListSource, Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.signatures.keys import subject_of
from gateway.signatures.revocation_list import RevocationList, read_lists
from gateway.xmlio.canonical import sha256_hex


async def refresh_list(
    url: str, issuers: Sequence[x509.Certificate], node: Node, source: ListSource, folder: ListFolder
) -> datetime:
    """
    Fetch the list at `url`, an address that the operator has named; returns when the next one is promised.

    1. Fetch it.
    2. It is a list, signed by one of `issuers`.
    3. It is not older than the one that is here: an attacker could offer the list from before a certificate
       was taken back. The same one again changes nothing. One that is damaged is no measure.
    4. The message log says so; then it takes the place of the one before. A running gateway reads it there.

    Raises a `GatewayError`; the list that is here stays.
    """
    # 1
    data = await source.fetch(url)
    # 2
    fresh = _one(data, url, issuers)
    # 3
    before = folder.get(url)
    if before == data:
        return fresh.next_update
    here = _still_good(before, url, issuers)
    if here is not None:
        _require_newer(fresh, here, url)
    # 4
    made = f"{fresh.crl.last_update_utc:%Y-%m-%d %H:%M}"
    detail = f"revocation list of {subject_of(fresh.issuer)}, made {made} UTC, fetched from {url}"
    trail = Trail(actor="gateway", digest=sha256_hex(data))
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.CHANGED, trail, outcome="revocation-list", detail=detail)
        )
    folder.put(url, data)
    return fresh.next_update


def _one(data: bytes, url: str, issuers: Sequence[x509.Certificate]) -> RevocationList:
    """The one list that an address gives; raises `KeyMaterialError`."""
    lists = read_lists(data, url, issuers)
    if len(lists) != 1:
        raise KeyMaterialError(
            f"{url} gives {len(lists)} revocation lists", advice="name an address that gives one"
        )
    return lists[0]


def _still_good(data: bytes | None, url: str, issuers: Sequence[x509.Certificate]) -> RevocationList | None:
    """The list that is here, unless its file is damaged, or its issuer is not registered any more."""
    try:
        return _one(data, url, issuers) if data is not None else None
    except KeyMaterialError:
        return None


def _require_newer(fresh: RevocationList, here: RevocationList, url: str) -> None:
    """Raises `KeyMaterialError` for a list made before the one that is here, or by another issuer."""
    if fresh.crl.issuer != here.crl.issuer or fresh.crl.last_update_utc < here.crl.last_update_utc:
        raise KeyMaterialError(
            f"the revocation list at {url} was made on {fresh.crl.last_update_utc:%Y-%m-%d %H:%M} UTC, and "
            f"the one that is here on {here.crl.last_update_utc:%Y-%m-%d %H:%M} UTC",
            advice="ask the issuer; if it is right, take the file away from revocation.d",
        )
