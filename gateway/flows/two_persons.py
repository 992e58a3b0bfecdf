"""
Two administrators agree to a change of whom this gateway believes.

What the files of the operator say is only asked for here. What counts is what two have agreed to: a chain of
changes in the database, of which the last one holds all facts.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.errors import Forbidden, NotFound, StorageError
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import EntryKind
from gateway.people.account import Account
from gateway.people.company import independent
from gateway.people.proposals import RULE, Facts, Proposal, ProposalState
from gateway.people.rights import Right
from gateway.wording import say

SHOWN = 16
"""Characters of a digest in a sentence."""
_LATEST = 50


async def in_force(transaction: Transaction, node: Node) -> bool:
    """Whether two must agree: as configured, and for as long as two have not agreed to the contrary."""
    standing = await transaction.proposals.standing()
    return node.people.two_persons or (standing is not None and RULE in standing.after)


async def settle(wished: Facts, node: Node) -> tuple[Facts, int] | None:
    """
    What counts, of what the files say; and the serial of the change with which it came to count.

    None: everything in them counts, for nobody has asked for two persons.

    1. What is kept must name two for every change but the first; otherwise nothing can be proven.
    2. Where the rule was never in force, or two have agreed to end it: it is either not wanted, or it begins
       now with what counts at this moment.
    3. When the files say what counts, nothing waits any more.
    4. Otherwise exactly this change waits for two administrators, and those that the files do not ask for any
       more are overtaken. One that was refused stays so for as long as the files say the same.

    Raises `StorageError`: then whoever asked goes on believing what they believed.
    """
    wished = wished | {RULE} if node.people.two_persons else wished - {RULE}
    async with node.storage.write() as transaction:
        standing = await transaction.proposals.standing(to_change=True)
        # 1
        if standing is not None and not standing.sound:
            raise StorageError(
                f"change {standing.serial} of whom this gateway believes is kept as agreed, and names no two "
                "persons",
                advice="somebody has written into the database: restore it from a backup",
            )
        # 2
        if standing is None or RULE not in standing.after:
            if not node.people.two_persons:
                return None
            begun = await _begin(wished, standing, transaction, node)
            return begun.after, begun.serial or 0
        # 3
        change = _change(standing, wished, node)
        if not change.adds | change.removes:
            await _overtake(transaction, beside="")
            return standing.after, standing.serial or 0
        # 4
        await _overtake(transaction, beside=change.digest)
        known = await transaction.proposals.find(change.digest)
        if known is None or known.state is ProposalState.OVERTAKEN:
            if known is not None:
                await transaction.proposals.put(replace(change, id=known.id))
            else:
                await transaction.proposals.add(change)
            await _note(transaction, node, "gateway", "trust-change-waits", change)
    return standing.after, standing.serial or 0


async def changes_of_trust(node: Node) -> list[Proposal]:
    """The newest changes, whatever became of them."""
    async with node.storage.read() as transaction:
        return await transaction.proposals.latest(_LATEST)


async def waiting_changes(node: Node) -> list[Proposal]:
    """Changes that wait for somebody; the newest first."""
    async with node.storage.read() as transaction:
        return [each for each in await transaction.proposals.unsettled() if each.state.open]


async def names_of_people(node: Node) -> dict[str, str]:
    """Everybody's name by id, for the list of changes."""
    async with node.storage.read() as transaction:
        return {each.person.id: each.person.name for each in await transaction.people.all()}


async def serial_that_counts(node: Node) -> int:
    """The serial of the last change that came to count; 0 before the first."""
    async with node.storage.read() as transaction:
        standing = await transaction.proposals.standing()
    return standing.serial or 0 if standing is not None else 0


async def agree(proposal_id: str, digest: str, account: Account, reason: str, node: Node) -> Proposal:
    """
    An administrator agrees to a change; whoever calls has just asked for password and code.

    1. The change still waits, is the one whose digest was shown, and follows what counts now.
    2. The account may say whom this gateway believes, for all authorities, and is somebody's own.
    3. The first one asks for a second.
    4. The second is another person: nobody stands behind both. The first one may still do this.
    5. It counts, and the log says who the two are.

    Raises `NotFound` or `Forbidden`.
    """
    async with node.storage.write() as transaction:
        # 1
        standing = await transaction.proposals.standing(to_change=True)
        change = await _open(proposal_id, digest, transaction)
        if standing is None or change.follows != standing.serial:
            raise _gone()
        # 2
        accounts = {each.person.id: each for each in await transaction.people.all()}
        mine = _entitled(accounts.get(account.person.id))
        at, who = node.clock.now(), mine.person
        # 3
        if change.state is ProposalState.FOUND:
            asked = replace(change, state=ProposalState.ASKED, asked_by=who.id, asked_at=at, reason=reason)
            await transaction.proposals.put(asked)
            await _note(transaction, node, who.name, "trust-change-asked", asked)
            return asked
        # 4
        first = _entitled(accounts.get(change.asked_by))
        if first.person.id == who.id:
            raise Forbidden(
                say("you have agreed already: the second person is somebody else"),
                advice=say("ask another administrator"),
            )
        if not independent(first, mine, accounts.values()):
            raise Forbidden(
                say("you and {name} do not count as two persons", name=first.person.name),
                advice=say(
                    "one of you let the other in or set their password or second factor, or somebody did "
                    "so for both: ask another administrator"
                ),
            )
        # 5
        agreed = replace(
            change,
            state=ProposalState.AGREED,
            agreed_by=who.id,
            agreed_at=at,
            serial=(standing.serial or 0) + 1,
            after=(standing.after - change.removes) | change.adds,
        )
        await transaction.proposals.put(agreed)
        said = f"asked by {first.person.name}"
        await _note(transaction, node, who.name, "trust-change-agreed", agreed, said)
    return agreed


async def refuse(proposal_id: str, digest: str, account: Account, reason: str, node: Node) -> Proposal:
    """
    An administrator does not want a change: it counts for nothing as long as the files ask for it.

    Raises `NotFound` or `Forbidden`.
    """
    async with node.storage.write() as transaction:
        change = await _open(proposal_id, digest, transaction)
        mine = _entitled(await transaction.people.get(account.person.id))
        refused = replace(change, state=ProposalState.REFUSED, reason=reason)
        await transaction.proposals.put(refused)
        await _note(transaction, node, mine.person.name, "trust-change-refused", refused)
    return refused


def pairs(accounts: Sequence[Account]) -> bool:
    """Whether two of these could agree to anything."""
    able = [each for each in accounts if _may(each)]
    return any(
        independent(one, other, accounts) for place, one in enumerate(able) for other in able[place + 1 :]
    )


async def _begin(wished: Facts, standing: Proposal | None, transaction: Transaction, node: Node) -> Proposal:
    """From now on two must agree to any change of what counts at this moment."""
    at, before = node.clock.now(), standing.serial or 0 if standing is not None else 0
    first = Proposal(
        id=node.clock.new_id(),
        follows=0,
        adds=wished,
        removes=frozenset({RULE._replace(kind="begins-anew", value=str(before))}) if before else frozenset(),
        found_at=at,
        state=ProposalState.AGREED,
        agreed_at=at,
        serial=before + 1,
        after=wished,
    )
    await transaction.proposals.add(first)
    await _note(transaction, node, "gateway", "two-persons-begins", first)
    return first


def _change(standing: Proposal, wished: Facts, node: Node) -> Proposal:
    """From what counts to what the files say."""
    return Proposal(
        id=node.clock.new_id(),
        follows=standing.serial or 0,
        adds=wished - standing.after,
        removes=standing.after - wished,
        found_at=node.clock.now(),
    )


async def _overtake(transaction: Transaction, *, beside: str) -> None:
    """The files do not ask for these any more."""
    for each in await transaction.proposals.unsettled():
        if each.digest != beside:
            await transaction.proposals.put(
                replace(each, state=ProposalState.OVERTAKEN, asked_by="", asked_at=None)
            )


async def _open(proposal_id: str, digest: str, transaction: Transaction) -> Proposal:
    """A change that still waits, and is the one that was shown; raises `NotFound`."""
    change = await transaction.proposals.get(proposal_id, to_change=True)
    if change is None or not change.state.open or change.digest != digest:
        raise _gone()
    return change


def _gone() -> NotFound:
    """It is not there to be agreed to."""
    return NotFound(
        say("this change does not wait any more, or is not the one that you were shown"),
        advice=say("look at the list again"),
    )


def _may(account: Account) -> bool:
    """Whether somebody may say whom this gateway believes, and is there in their own name."""
    person = account.person
    own = account.enrolled and account.initial_until is None
    return account.open and own and person.may(Right.CHANGE_TRUST) and not person.authorities


def _entitled(account: Account | None) -> Account:
    """The account, if it may do this; raises `Forbidden`."""
    if account is None or not _may(account):
        raise Forbidden(
            say("only administrators who see all authorities agree to a change of trust"),
            advice=say("they need a second factor, and a password of their own"),
        )
    return account


async def _note(
    transaction: Transaction, node: Node, who: str, outcome: str, change: Proposal, said: str = ""
) -> None:
    """Who did what, with the digest of exactly that change."""
    words = (
        f"change {change.digest[:SHOWN]}: {len(change.adds)} added, {len(change.removes)} removed",
        said,
        change.reason,
    )
    trail = Trail(actor=who, digest=change.digest)
    detail = "; ".join(word for word in words if word)
    await transaction.log.append(entry(node.clock, EntryKind.CHANGED, trail, outcome=outcome, detail=detail))
