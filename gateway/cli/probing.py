"""Test messages from the command line: `ecites partner test`, and who knows the next key."""

import asyncio

from gateway import clock
from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.flows.probe import Knowledge, conclude, prepare
from gateway.flows.probing import Trial
from gateway.flows.try_partner import try_partner as flow
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.node import make_node
from gateway.loading.tls import load_client_tls
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import GATEWAY, OwnKey
from gateway.signatures.rolling import as_if
from gateway.transport.rest import RestCourier


def try_partner(settings: Settings, partner: str, *, thorough: bool, who: str) -> tuple[Trial, ...]:
    """
    Try one partner; the message log keeps who did it and what came of it.

    Raises a `GatewayError` when this gateway is not fit to send, and `KeyError` for a partner that is not
    registered.
    """
    return asyncio.run(_try(settings, partner, thorough, who))


async def _try(settings: Settings, partner: str, thorough: bool, who: str) -> tuple[Trial, ...]:
    """In the loop."""
    beliefs = Beliefs.load(settings, clock.now())
    known = beliefs.known.directory.partners[partner]
    database = await open_database(settings)
    try:
        node = make_node(settings, beliefs, database, lambda: None)
        async with RestCourier(
            settings.transport, load_client_tls(settings, beliefs.known.tls, clock.now(), node.revocations)
        ) as courier:
            return await flow(known, node, courier, who, thorough=thorough)
    finally:
        await database.close()


def who_knows(settings: Settings, following: OwnKey) -> dict[str, tuple[Knowledge, str]]:
    """
    Ask every partner with a test message that `following` has signed, or sealed, whether it would accept it.

    Returns for each partner what it makes of the key, and a sentence. Nothing changes here or there.
    """
    return asyncio.run(_who_knows(settings, following))


async def _who_knows(settings: Settings, following: OwnKey) -> dict[str, tuple[Knowledge, str]]:
    """In the loop, all partners at once: one that is silent holds up no other."""
    at = clock.now()
    beliefs = Beliefs.load(settings, at)
    database = await open_database(settings)
    try:
        beliefs.keyring = as_if(beliefs.keyring, following)
        node = make_node(settings, beliefs, database, lambda: None)
        sender = None if following.owner == GATEWAY else AuthorityId.parse(following.owner)
        tls = load_client_tls(settings, beliefs.known.tls, at, node.revocations)
        async with RestCourier(settings.transport, tls) as courier:

            async def ask(name: str) -> tuple[Knowledge, str]:
                try:
                    probing = prepare(node.directory.partners[name], node, courier, sender)
                    answer = await probing.send(probing.message())
                except GatewayError as error:
                    return Knowledge.UNKNOWN, error.message
                return conclude(answer), answer.says

            names = sorted(node.directory.partners)
            return dict(zip(names, await asyncio.gather(*map(ask, names)), strict=True))
    finally:
        await database.close()
