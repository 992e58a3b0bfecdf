"""Bundles for tests: made by two gateways, and changed afterwards by somebody who knows how they are made."""

from datetime import timedelta

from gateway.exchange.bundle import pack, unpack
from gateway.exchange.delivery import Room
from gateway.flows.deliver import deliver
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from support.exchange import CH_MA
from support.gateways import DirectCourier, gateway_key, ma_key
from support.permits import permit_bytes

TRUSTED = (gateway_key("CH").certificate, gateway_key("FR").certificate, ma_key("CH").certificate)
"""Everybody who signs something in a bundle from Switzerland to France."""


async def queued(ch: Node, number: str = "CH-2026-000123") -> str:
    """One permit for France; the id of its delivery."""
    issued = await issue(permit_bytes(number), CH_MA, "", ch, Trail())
    return next(each.id for each in issued.deliveries if each.partner)


async def delivered(ch: Node, courier: DirectCourier, number: str = "CH-2026-000123") -> str:
    """One permit that has a receipt; the id of its delivery."""
    delivery_id, at = await queued(ch, number), ch.clock.now()
    async with ch.storage.write() as transaction:
        (record,) = await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(seconds=90), worker="worker", limit=1, room=Room(1)
        )
    await deliver(record, "worker", ch, courier)
    return delivery_id


def repacked(bundle: bytes, **changes: bytes | None) -> bytes:
    """The same archive with files replaced or, with None, left out; `permit_xml` is permit.xml."""
    files = unpack(bundle)
    for name, data in changes.items():
        path = name.replace("certificates_", "certificates/").replace("_", ".")
        if data is None:
            del files[path]
        else:
            files[path] = data
    return pack(files)
