"""Operators look at tokens and withdraw them; the message log says who did."""

from datetime import date, datetime

from gateway.errors import MalformedRequest
from gateway.exchange.grants import Grant, new_token, token_hash
from gateway.flows.author import Author
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import Scope

SHOWN = 12
"""Characters of a hash with which an operator names a token; two that begin alike are not to be expected."""
LEAST = 8
"""Fewer would let a slip of the finger name another token."""


async def all_tokens(node: Node) -> list[Grant]:
    """Every token, by holder."""
    async with node.storage.read() as transaction:
        return await transaction.tokens.all()


async def find_one(beginning: str, node: Node) -> Grant:
    """The one token whose hash begins so; raises `MalformedRequest` when none or several do."""
    async with node.storage.read() as transaction:
        return await _the_one(beginning, transaction)


async def make_token(
    holder: AuthorityId | str,
    author: Author,
    node: Node,
    *,
    wanted: frozenset[Scope] | None = None,
    expires_at: datetime | None = None,
) -> tuple[str, Grant]:
    """
    A new token for an authority, or for the partner of that name: the token, shown once, and what it opens.

    The message log says who made it for whom and why.
    """
    at, token = node.clock.now(), new_token()
    authority = holder if isinstance(holder, AuthorityId) else None
    partner = "" if authority else str(holder)
    grant = Grant(token_hash(token), authority, partner, at, wanted, expires_at)
    async with node.storage.write() as transaction:
        if authority:
            await transaction.tokens.add(token, authority, at, wanted=wanted, expires_at=expires_at)
        else:
            await transaction.tokens.add_for_partner(token, partner, at, expires_at=expires_at)
        trail = Trail(actor=author.who, authority=str(authority or ""), partner=partner)
        said = f"token {grant.token_hash[:SHOWN]} of {grant.holder}: {author.reason}"
        await transaction.log.append(
            entry(node.clock, EntryKind.CHANGED, trail, outcome="token-made", detail=said)
        )
    return token, grant


async def revoke(beginning: str, author: Author, node: Node) -> Grant:
    """
    Withdraw the token whose hash begins so; the next request with it is turned away.

    1. Exactly one token is meant.
    2. It is forgotten, and the message log says who withdrew it and why.

    Raises `MalformedRequest` when none or several are meant.
    """
    async with node.storage.write() as transaction:
        # 1
        grant = await _the_one(beginning, transaction)
        # 2
        await transaction.tokens.revoke(grant.token_hash)
        trail = Trail(actor=author.who, authority=str(grant.authority or ""), partner=grant.partner)
        said = f"token {grant.token_hash[:SHOWN]} of {grant.holder}: {author.reason}"
        await transaction.log.append(
            entry(node.clock, EntryKind.CHANGED, trail, outcome="token-revoked", detail=said)
        )
    return grant


async def note_use(grant: Grant, day: date, node: Node) -> None:
    """The token was used on a day: kept once a day, not at each request. Raises `StorageError`."""
    if grant.last_used_on == day:
        return
    async with node.storage.write() as transaction:
        await transaction.tokens.note_use(grant.token_hash, day)


async def _the_one(beginning: str, transaction: Transaction) -> Grant:
    """The token that is meant; raises `MalformedRequest`."""
    found = [each for each in await transaction.tokens.all() if each.token_hash.startswith(beginning)]
    if len(beginning) < LEAST or len(found) != 1:
        raise MalformedRequest(
            f"{len(found)} tokens have a hash that begins with {beginning!r}",
            advice=f"write {LEAST} characters or more of one that `ecites token list` shows",
        )
    return found[0]
