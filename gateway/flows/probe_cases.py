"""What is expected of a partner, one function each; they are tried in the order in which they stand here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.errors import PartnerAnsweredWrongly
from gateway.exchange.receipts import Outcome
from gateway.flows.ports import Clock
from gateway.flows.probing import PROTOCOL, Answer, Attempt, Case, Probe
from gateway.permits.identity import AuthorityId, Role
from gateway.signatures.keyring import GATEWAY, OwnKey
from gateway.signatures.keys import new_development_key
from gateway.signatures.rolling import as_if
from gateway.xmlio.canonical import sha256_hex

CASES: list[Case] = []
"""Every case, in order."""

LONG_AGO = timedelta(days=400)
"""Older than any gateway keeps waiting for a message."""


def _case(
    name: str, expectation: str, *, level: str = "MUST", source: str = PROTOCOL, thorough: bool = True
) -> Callable[[Attempt], Attempt]:
    """Register a case."""

    def register(attempt: Attempt) -> Attempt:
        CASES.append(Case(name, source, level, expectation, thorough, attempt))
        return attempt

    return register


@_case("receipt", "a test message gets a signed receipt for its bytes", thorough=False)
async def is_receipted(probing: Probe) -> tuple[bool | None, str]:
    """The first message of all."""
    probing.first = probing.message()
    probing.answer = await probing.send(probing.first)
    return probing.answer.receipt is not None, probing.answer.says


@_case("accepted", "a sound permit of ours is accepted", thorough=False)
async def is_accepted(probing: Probe) -> tuple[bool | None, str]:
    """What the first receipt says."""
    receipt = probing.answer.receipt
    return receipt is not None and receipt.outcome.accepted, probing.answer.says


@_case("repetition", "the same message gets the same receipt, byte for byte", thorough=False)
async def is_repeated(probing: Probe) -> tuple[bool | None, str]:
    """The same bytes once more."""
    assert probing.first is not None  # noqa: S101 - the first case sets it
    again = await probing.send(probing.first)
    if again.receipt is None:
        return False, again.says
    same = again.data == probing.answer.data
    return same, "the same receipt" if same else "another receipt for the same message"


@_case("id-reused", "a used id with other bytes is turned away")
async def turns_away_other_bytes(probing: Probe) -> tuple[bool | None, str]:
    """The id of the first message with other bytes, which are rightly signed."""
    assert probing.first is not None  # noqa: S101 - the first case sets it
    known = probing.first.message_id
    clock = _FixedId(probing.node.clock, known)
    return _turned_away(await probing.send(probing.message(node=replace(probing.node, clock=clock))))


@_case("changed", "a changed message is turned away", source="W3C XML Signature 1.1, 3.2")
async def turns_away_a_changed_message(probing: Probe) -> tuple[bool | None, str]:
    """One digit of the conversation is another one than was signed."""
    message = probing.message()
    other = probing.node.clock.new_id()
    data = message.envelope.replace(message.conversation_id.encode(), other.encode())
    changed = replace(message, conversation_id=other, envelope=data, envelope_digest=sha256_hex(data))
    return _turned_away(await probing.send(changed))


@_case("stranger", "a key that is not ours is turned away")
async def turns_away_a_stranger(probing: Probe) -> tuple[bool | None, str]:
    """Our name, and a key that nobody knows."""
    at = probing.node.clock.now()
    stranger = new_development_key("stranger", probing.sender.party, at=at)
    key = OwnKey(GATEWAY, "stranger", stranger.certificate, stranger)
    node = replace(probing.node, keys=as_if(probing.node.keys, key))
    return _turned_away(await probing.send(probing.message(node=node)))


@_case("recipient", "a message for somebody else is turned away")
async def turns_away_a_wrong_address(probing: Probe) -> tuple[bool | None, str]:
    """An authority that does not live there."""
    nobody = AuthorityId(probing.recipient.party, Role.HUB, "nobody")
    return _turned_away(await probing.send(probing.message(recipient=nobody)))


@_case("old", "a message of long ago is turned away", level="SHOULD")
async def turns_away_an_old_message(probing: Probe) -> tuple[bool | None, str]:
    """It says that it was sent more than a year ago, and was never received."""
    at = probing.node.clock.now() - LONG_AGO
    return _turned_away(await probing.send(probing.message(at=at)))


@_case("unsealed", "a permit without a seal is refused with a receipt")
async def refuses_an_unsealed_permit(probing: Probe) -> tuple[bool | None, str]:
    """The permit as it was before it was sealed."""
    return _receipted(await probing.send(probing.message(payload=probing.bare)), Outcome.REFUSED)


@_case("reference", "a permit other than the announced one is refused with a receipt")
async def refuses_another_number(probing: Probe) -> tuple[bool | None, str]:
    """The envelope announces another permit than the one inside."""
    return _receipted(await probing.send(probing.message(number=f"{probing.number}X")), Outcome.REFUSED)


@_case("rubbish", "a payload that is no XML is not readable, says a receipt")
async def cannot_read_rubbish(probing: Probe) -> tuple[bool | None, str]:
    """The payload is no XML."""
    return _receipted(await probing.send(probing.message(payload=b"no XML")), Outcome.NOT_READABLE)


def _turned_away(answer: Answer) -> tuple[bool | None, str]:
    """Right is a refusal without a receipt; no answer at all proves nothing."""
    if answer.receipt is not None:
        return False, answer.says
    refused = isinstance(answer.error, PartnerAnsweredWrongly) and answer.error.fields.get("status", 0) < 500  # noqa: PLR2004 - RFC 9110, 15.6
    return True if refused else None, answer.says


def _receipted(answer: Answer, expected: Outcome) -> tuple[bool | None, str]:
    """Right is a receipt with that outcome."""
    if answer.receipt is None:
        wrong = isinstance(answer.error, PartnerAnsweredWrongly)
        return False if wrong else None, answer.says
    return answer.receipt.outcome is expected, answer.says


class _FixedId:
    """A clock whose first id is given, for a message under an id that was used before."""

    def __init__(self, clock: Clock, first: str) -> None:
        """Time and every later id are those of `clock`."""
        self._clock = clock
        self._ids = [first]

    def now(self) -> datetime:
        """The present moment."""
        return self._clock.now()

    def new_id(self) -> str:
        """The given id, then new ones."""
        fresh = self._clock.new_id()
        return self._ids.pop() if self._ids else fresh
