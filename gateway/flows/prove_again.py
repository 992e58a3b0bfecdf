"""Somebody proves once more who they are, before an act that must be theirs."""

from gateway.errors import SignInRefused
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.flows.sign_in import Whereabouts, count_attempt, count_code, forgive, forgive_code
from gateway.messagelog.entry import EntryKind
from gateway.people.account import Account
from gateway.people.totp import step_of
from gateway.wording import say


async def prove_again(name: str, password: str, code: str, where: Whereabouts, node: Node) -> Account:
    """
    The account of somebody who gives name, password and the code of their app at this moment.

    1. Attempts count as at the door, for the password and for the code.
    2. The password is right, the account is open, and the code is one that was not taken before.

    Raises `SignInRefused`, `TooManyRequests` or `GatewayBusy`.
    """
    # 1
    await count_attempt(name, where, node)
    async with node.storage.read() as transaction:
        account = await transaction.people.by_name(name)
    # 2
    fits = await node.hashing.fits(account.password_hash if account else None, password)
    if account is None or not fits or not account.open:
        raise _wrong()
    await forgive(name, where, node)
    await count_code(account, where, node)
    step = step_of(account.secret, code, node.clock.now(), account.step) if account.enrolled else None
    async with node.storage.write() as transaction:
        taken = step is not None and await transaction.people.use_step(account.person.id, step)
        if not taken:
            trail = Trail(actor=account.person.name)
            await transaction.log.append(
                entry(node.clock, EntryKind.SIGNED_IN, trail, outcome="refused", detail="code of an act")
            )
    if not taken:
        raise _wrong()
    await forgive_code(account, where, node)
    return account


def _wrong() -> SignInRefused:
    """The one answer to everything."""
    return SignInRefused(
        say("this password or code is wrong; nothing was done"),
        advice=say("a code is good once: wait for the next one of your app"),
    )
