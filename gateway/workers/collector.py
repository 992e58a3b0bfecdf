"""Empties the mailbox that one partner keeps for us."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime

import structlog

from gateway.errors import (
    GatewayError,
    NotFound,
    OperationError,
    PartnerAnsweredWrongly,
    PartnerUnreachable,
)
from gateway.exchange.directory import Partner
from gateway.exchange.mailbox import MAX_WAIT_SECONDS, MailboxHeader
from gateway.flows.collect import collect
from gateway.flows.ports import Mailbox, Node

logger = structlog.get_logger(__name__)

SHORTEST_ROUND = 1.0
"""Seconds from one question to the next when nothing comes: a mailbox that does not wait is not hammered."""

FINISHING_SECONDS = 5.0
"""So long the message in hand may take at the end; what is not finished then comes again."""

MAX_PUT_OFF = 1000
"""With so many messages that cannot be received something greater is wrong than a message."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """A message that could not be received: how often, and when it is tried again."""

    failures: int
    until: datetime


class Collector:
    """One loop: ask what waits, collect it, and wait at the mailbox for more."""

    def __init__(self, partner: str, node: Node, mailbox: Mailbox) -> None:
        """What is put off is forgotten with the process; then it is tried once more."""
        self._partner = partner
        self._node = node
        self._mailbox = mailbox
        self._put_off: dict[str, PutOff] = {}

    async def run(self) -> None:
        """Collect until cancelled; whatever happens in one round never ends the worker."""
        time = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = time()
            try:
                await self.round()
            except GatewayError as error:
                failures += 1
                pause = self._pause(failures)
                logger.error(
                    "mailbox_not_emptied",
                    partner=self._partner,
                    code=error.code,
                    error=error.message,
                    advice=error.advice,
                    again_in=round(pause, 1),
                )
            except Exception:
                failures += 1
                pause = self._pause(failures)
                logger.exception("mailbox_not_emptied", partner=self._partner)
            else:
                failures = 0
                pause = max(0.0, SHORTEST_ROUND - (time() - began))
            await asyncio.sleep(pause)

    async def round(self) -> None:
        """
        Collect everything that waits; ends when the mailbox has nothing more to say.

        As long as something is put off, what comes after it is asked for; else all, from the beginning.

        Raises a `GatewayError` when it is not a message that is wrong, but the mailbox or this gateway.
        """
        after = ""
        seen: set[str] = set()
        done: set[str] = set()
        unreachable = 0
        while True:
            partner = self._node.directory.partners.get(self._partner)
            if partner is None or not partner.mailbox_url:
                return  # whoever follows the directory is about to end us
            page = await self._mailbox.headers(partner, after=after, wait=self._patience())
            if not page.headers:
                self._put_off = {name: each for name, each in self._put_off.items() if name in seen}
                return
            if page.next == after:
                raise PartnerAnsweredWrongly(
                    f"the cursor of the mailbox at partner {partner.id} stands still",
                    advice="ask its operator",
                )
            for header in page.headers:
                seen.add(header.message_id)
                unreachable = await self._one(header, partner, done, unreachable)
            after = page.next if self._put_off else ""

    async def _one(self, header: MailboxHeader, partner: Partner, done: set[str], unreachable: int) -> int:
        """
        Collect one message, or put it off; returns how many exchanges in a row have got no answer.

        One that gets none may be about the message, two in a row are about the partner.
        """
        waiting = self._put_off.get(header.message_id)
        if waiting is not None and self._node.clock.now() < waiting.until:
            return unreachable
        try:
            if header.message_id in done:
                raise PartnerAnsweredWrongly(  # noqa: TRY301 - put off like any other
                    f"message {header.message_id} was acknowledged, and lies in the mailbox all the same"
                )
            await self._finished(header, partner)
        except NotFound:
            pass  # another process of this gateway was quicker
        except OperationError:
            raise
        except PartnerUnreachable as error:
            if unreachable:
                raise
            self._complain(header, error)
            return 1
        except GatewayError as error:
            self._complain(header, error)
            return 0
        except Exception as error:
            logger.exception("message_put_off", partner=partner.id, message_id=header.message_id)
            self._later(header, type(error).__name__)
            return 0
        done.add(header.message_id)
        self._put_off.pop(header.message_id, None)
        return 0

    async def _finished(self, header: MailboxHeader, partner: Partner) -> None:
        """Collect one message; when we are cancelled meanwhile, bring it to its end first."""
        work = asyncio.ensure_future(collect(header, partner, self._node, self._mailbox))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work}, timeout=FINISHING_SECONDS)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise

    def _complain(self, header: MailboxHeader, error: GatewayError) -> None:
        """Put a message off and say so; those behind it go on."""
        put_off = self._later(header, error.code)
        logger.error(
            "message_put_off",
            partner=self._partner,
            message_id=header.message_id,
            code=error.code,
            error=error.message,
            advice=error.advice,
            until=put_off.until.isoformat(),
        )

    def _later(self, header: MailboxHeader, why: str) -> PutOff:
        """Try a message again after a pause that grows; raises `PartnerAnsweredWrongly` for too many."""
        before = self._put_off.get(header.message_id)
        if before is None and len(self._put_off) >= MAX_PUT_OFF:
            raise PartnerAnsweredWrongly(
                f"{MAX_PUT_OFF} messages in the mailbox at partner {self._partner} cannot be received, this "
                f"one because of {why}",
                advice="read the first complaints in this log; ask its operator",
            )
        failures = before.failures + 1 if before else 1
        pause = self._node.retry.pause(failures, _jitter())
        put_off = PutOff(failures, self._node.clock.now() + pause)
        self._put_off[header.message_id] = put_off
        return put_off

    def _patience(self) -> float:
        """Seconds that the mailbox may keep us waiting: until something that was put off is due again."""
        if not self._put_off:
            return MAX_WAIT_SECONDS
        first = min(each.until for each in self._put_off.values())
        return min(max(0.0, (first - self._node.clock.now()).total_seconds()), MAX_WAIT_SECONDS)

    def _pause(self, failures: int) -> float:
        """Seconds until the next round, after so many that failed."""
        return self._node.retry.pause(failures, _jitter()).total_seconds()


def _jitter() -> float:
    """Spreads what would return at the same moment."""
    return random.random()  # noqa: S311 - protects nothing
