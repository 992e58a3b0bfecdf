"""What happens in the demonstration, act by act; each act says what it expects and whether it came so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client, send_envelope
from gateway.cli.demonstration.network import DemoNode
from gateway.cli.demonstration.proof import check_evidence, check_log
from gateway.exchange import message, receipts
from gateway.exchange.message import Header, Kind
from gateway.flows.check_statement import check_statement
from gateway.flows.status_lists import Issuers, prove_lists
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.statement_report import HEADLINES
from gateway.signatures.keys import load_signing_key
from gateway.signatures.sign import sign
from gateway.xmlio.parse import parse

SETTLE_SECONDS = 30.0
"""How long an act waits for a delivery to come to its end."""

Tell = Callable[[str, str, str], None]
"""Who, does what, and what came of it."""


@dataclass(slots=True)
class Act:
    """One permit and how it ended."""

    title: str
    number: str
    expected: str
    ended: str = ""
    findings: list[str] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should."""
        return self.ended == self.expected

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "title": self.title,
            "number": self.number,
            "expected": self.expected,
            "ended": self.ended,
            "as_expected": self.as_expected,
            "findings": self.findings,
        }


class Story:
    """The acts, on a running network of CH and FR."""

    def __init__(self, nodes: dict[str, DemoNode], session: aiohttp.ClientSession, tell: Tell) -> None:
        """Nothing happens yet."""
        self.nodes = nodes
        self.session = session
        self.tell = tell
        self.swiss = Client(session, nodes["CH"], "CH:MA")
        self.swiss_customs = Client(session, nodes["CH"], "CH:CUSTOMS")
        self.french = Client(session, nodes["FR"], "FR:MA")
        self.french_customs = Client(session, nodes["FR"], "FR:CUSTOMS")

    async def play(self) -> list[Act]:
        """Every act in order; one that fails does not stop the others."""
        acts = []
        for play in self._acts():
            act = await play()
            acts.append(act)
            self.tell("", act.title, "as expected" if act.as_expected else f"EXPECTED {act.expected}")
        return acts

    def _acts(self) -> list[Callable[[], Awaitable[Act]]]:
        """The programme."""
        return [
            lambda: self._travels("leather, three lines", "CH-2026-000123", permits.LEATHER),
            lambda: self._travels("orchids, a number with slashes", "26/CH/0417-A", permits.ORCHIDS),
            lambda: self._travels("live parrots, Appendix I", "CH-2026-000124", permits.PARROTS, "B"),
            self._submitted_twice,
            self._message_twice,
            self._breaks_a_rule,
            self._altered,
            self._receiver_down,
            self._written_off,
            self._cancelled,
            self._qr_offline,
            self._proven,
        ]

    async def _travels(
        self, title: str, number: str, rows: tuple[permits.Row, ...], purpose: str = "T"
    ) -> Act:
        """A permit travels: submitted, sealed, delivered, receipted, in the inboxes, valid."""
        act = Act(title, number, "delivered; with FR:MA and FR:CUSTOMS and CH:CUSTOMS; valid")
        permit = _permit(number, rows, purpose)
        submission = await self._submit(act, permit)
        if submission:
            act.ended = await self._arrived(number, submission)
        return act

    async def _submit(self, act: Act, permit: bytes) -> str:
        """Hand a permit over; returns the id of the submission, empty when it was refused."""
        status, answer = await self.swiss.submit(permit)
        if status not in (200, 202):
            act.ended = f"refused: {answer.get('code')}"
            act.findings = [answer.get("detail", "")]
            self.tell("CH:MA -> gateway CH", f"submits {act.number}", act.ended)
            return ""
        seal = f"sealed, sha256 {answer['digest'][:12]}..."
        self.tell("CH:MA -> gateway CH", f"submits {act.number}", f"{status}, {seal}")
        return str(answer["id"])

    async def _arrived(self, number: str, submission: str) -> str:
        """Wait for the receipt, look into every inbox, let customs ask."""
        states = await self._settled(submission)
        self.tell(
            "gateway CH -> gateway FR", f"signed envelope with {number}", f"receipt: {', '.join(states)}"
        )
        holders = []
        for client in (self.french, self.french_customs, self.swiss_customs):
            count = sum(item["number"] == number for item in await client.inbox())
            if count == 1:
                holders.append(client.authority)
                self.tell(f"gateway -> {client.authority}", f"{number} is in the inbox", "once")
            elif count:
                holders.append(f"{client.authority} {count} times")
        answer = await self.french_customs.ask("CH", number)
        word = "valid" if answer["valid"] else "not valid"
        lines = f"{len(answer['lines'])} lines, until {(answer['valid_until'] or '')[:10]}"
        self.tell("FR:CUSTOMS -> gateway FR", f"is {number} valid?", f"{word}, {lines}")
        return f"{' '.join(states)}; with {' and '.join(holders)}; {word}"

    async def _settled(self, submission: str) -> list[str]:
        """The states of the deliveries to partners, once none of them moves any more."""
        moving = ("queued", "sending")
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while True:
                    deliveries = (await self.swiss.follow(submission))["deliveries"]
                    states = [each["state"] for each in deliveries if each["partner"]]
                    if not any(state in moving for state in states):
                        return states
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return ["still on its way"]

    async def _submitted_twice(self) -> Act:
        """The authority's system sends the same permit again: nothing happens twice."""
        act = Act("one submitted twice", "CH-2026-000125", "202 then 200; with FR:CUSTOMS once")
        permit = _permit(act.number, permits.CORALS)
        first, one = await self.swiss.submit(permit, key="demo-key-1")
        second, two = await self.swiss.submit(permit, key="demo-key-1")
        same = "the same submission" if one.get("id") == two.get("id") else "ANOTHER submission"
        self.tell("CH:MA -> gateway CH", f"submits {act.number} twice", f"{first}, then {second}: {same}")
        await self._settled(str(one.get("id")))
        count = sum(item["number"] == act.number for item in await self.french_customs.inbox())
        act.ended = f"{first} then {second}; with FR:CUSTOMS {'once' if count == 1 else f'{count} times'}"
        return act

    async def _message_twice(self) -> Act:
        """The same envelope arrives twice, as after a lost answer: the same receipt, delivered once."""
        act = Act("one message sent twice", "CH-2026-000126", "accepted; same receipt byte for byte; once")
        sealed = sign(parse(_permit(act.number, permits.CORALS)).root, self._key("CH:MA"))
        envelope = self._envelope(act.number, sealed)
        _, first = await send_envelope(self.session, self.nodes["FR"], envelope)
        _, second = await send_envelope(self.session, self.nodes["FR"], envelope)
        outcome = _outcome(first)
        same = "same receipt byte for byte" if first == second else "ANOTHER receipt"
        self.tell("gateway CH -> gateway FR", f"the same envelope twice, {act.number}", f"{outcome}; {same}")
        count = sum(item["number"] == act.number for item in await self.french_customs.inbox())
        act.ended = f"{outcome}; {same}; {'once' if count == 1 else f'{count} times'}"
        return act

    async def _breaks_a_rule(self) -> Act:
        """A permit valid for longer than six months is refused where it is submitted."""
        act = Act("one breaks a rule", "CH-2026-000127", "refused: permit_invalid")
        permit = permits.make_permit(act.number, permits.CORALS, clock.now(), valid_days=400)
        status, answer = await self.swiss.submit(permit)
        act.findings = [finding["message"] for finding in answer.get("findings", [])]
        act.ended = f"refused: {answer.get('code')}" if status >= 400 else f"accepted with {status}"  # noqa: PLR2004 - RFC 9110
        self.tell("CH:MA -> gateway CH", f"submits {act.number}", act.ended)
        self._quote(act)
        return act

    async def _altered(self) -> Act:
        """A sealed permit whose quantity was changed afterwards is refused by France, with a receipt."""
        act = Act("one altered after signing", "CH-2026-000128", "refused by FR; unknown to FR:CUSTOMS")
        sealed = sign(parse(_permit(act.number, permits.LEATHER)).root, self._key("CH:MA"))
        forged = sealed.replace(b">250<", b">2500<")
        _, answer = await send_envelope(self.session, self.nodes["FR"], self._envelope(act.number, forged))
        receipt = receipts.read(parse(answer).root)
        act.findings = [finding.message for finding in receipt.findings]
        self.tell(
            "gateway CH -> gateway FR", f"{act.number}, 250 made 2500", f"receipt: {receipt.outcome.value}"
        )
        self._quote(act)
        asked = await self.french_customs.ask("CH", act.number)
        known = "known to" if asked["known"] else "unknown to"
        self.tell("FR:CUSTOMS -> gateway FR", f"is {act.number} valid?", f"{known.split(maxsplit=1)[0]} here")
        act.ended = f"{receipt.outcome.value} by FR; {known} FR:CUSTOMS"
        return act

    async def _receiver_down(self) -> Act:
        """France is down: the message waits, is tried again, and arrives when France is back."""
        act = Act(
            "its receiver was down",
            "CH-2026-000129",
            "delivered; with FR:MA and FR:CUSTOMS and CH:CUSTOMS; valid",
        )
        self.nodes["FR"].kill()
        self.tell("gateway FR", "loses power (kill -9)", "down")
        submission = await self._submit(act, _permit(act.number, permits.ORCHIDS))
        waiting = await self._first_failure(submission)
        self.tell("gateway CH -> gateway FR", f"envelope with {act.number}", waiting)
        self.nodes["FR"].start()
        await self.nodes["FR"].ready(self.session)
        self.tell("gateway FR", "is started again", "up")
        act.ended = await self._arrived(act.number, submission)
        return act

    async def _written_off(self) -> Act:
        """Customs of both Parties write off what crossed, and the issuer hears of it."""
        act = Act(
            "what really crossed comes back",
            "CH-2026-000131",
            "left 50 of 250; imported 195, 3 dead; over-use refused; both hold the same ledger",
        )
        if not (submission := await self._submit(act, _permit(act.number, permits.LEATHER))):
            return act
        await self._settled(submission)
        exported = await self._endorse(self.swiss_customs, act.number, "export", "200")
        again = await self._endorse(self.swiss_customs, act.number, "export", "200")
        self.tell("CH:CUSTOMS -> gateway CH", "writes off 200, then 200 more", f"{exported}, then {again}")
        imported = await self._endorse(self.french_customs, act.number, "import", "195", "3")
        self.tell("FR:CUSTOMS -> gateway FR", "writes off 195 that arrived, 3 dead", imported)
        here, there = await self._same_ledger(act.number, 2)
        balance = here["balances"][0]
        self.tell(
            "CH:MA -> gateway CH",
            f"what became of {act.number}?",
            f"{here['status']}, {balance['left']} left, {balance['imported']} imported",
        )
        act.ended = (
            f"left {balance['left']} of {balance['authorised']}; imported {balance['imported']}, "
            f"{balance['dead']} dead; over-use {again}; "
            f"{'both hold the same ledger' if here == there else 'THE LEDGERS DIFFER'}"
        )
        return act

    async def _cancelled(self) -> Act:
        """The issuer cancels a permit, and customs at the other end are told so."""
        act = Act("one cancelled afterwards", "CH-2026-000132", "valid, then not-valid: cancelled")
        if not (submission := await self._submit(act, _permit(act.number, permits.CORALS))):
            return act
        await self._settled(submission)
        before = await self.french_customs.ask("CH", act.number)
        change = {"issuer": "CH", "number": act.number, "status": "cancelled", "reason": "issued by mistake"}
        status, _ = await self.swiss.post("/api/v1/permits/status", change)
        self.tell("CH:MA -> gateway CH", f"cancels {act.number}", str(status))
        await self._same_ledger(act.number, 1)
        after = await self.french_customs.ask("CH", act.number)
        self.tell("FR:CUSTOMS -> gateway FR", f"is {act.number} valid?", after["verdict"])
        act.findings = [
            f"{reason['message']}; {reason['advice']}"
            for reason in after["reasons"]
            if reason["weight"] == "against"
        ]
        self._quote(act)
        act.ended = f"{before['verdict']}, then {after['verdict']}: {after['status']}"
        return act

    async def _endorse(self, customs: Client, number: str, side: str, quantity: str, dead: str = "0") -> str:
        """Write off an amount of line A; returns `written off`, or why not."""
        body = {
            "issuer": "CH",
            "number": number,
            "side": side,
            "on": f"{clock.now():%Y-%m-%d}",
            "office": "CH002571" if side == "export" else "FR000040",
            "lines": [{"line": "A", "quantity": quantity, "dead": dead}],
        }
        status, _ = await customs.post("/api/v1/permits/endorsements", body)
        return "written off" if status == 201 else "refused"  # noqa: PLR2004 - RFC 9110, 15.3.2

    async def _same_ledger(self, number: str, notices: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both ends' ledgers, once each has so many notices."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                here = await self.swiss.ledger("CH", number)
                there = await self.french.ledger("CH", number)
                if len(here["notices"]) == len(there["notices"]) == notices:
                    return here, there
                await asyncio.sleep(0.05)

    async def _qr_offline(self) -> Act:
        """The QR code of a paper form is checked with no network: signature, dates and status list."""
        act = Act("its QR code, checked offline", "CH-2026-000133", "GOOD; altered: NOT GOOD")
        status, answer = await self.swiss.submit(_permit(act.number, permits.CORALS))
        text = answer.get("statement") or ""
        self.tell(
            "CH:MA -> gateway CH", f"submits {act.number}", f"{status}, {len(text)} characters to print"
        )
        listed = await self.swiss.status_list("CH")
        self.tell(
            "anybody -> gateway CH", "fetches the status list of CH", f"{len(listed)} characters, signed"
        )
        words = [self._checked(each, listed) for each in (text, text[:-9] + text[-9:].swapcase())]
        self.tell(
            "an officer, no network", f"scans the code of {act.number}", f"{words[0]}; altered: {words[1]}"
        )
        act.ended = f"{words[0]}; altered: {words[1]}"
        return act

    async def _proven(self) -> Act:
        """Who sent a permit can prove to a stranger that it arrived, and that the log was not rewritten."""
        act = Act(
            "its delivery, proven to a stranger",
            "CH-2026-000134",
            "evidence PASSED; altered: FAILED; log holds; rewritten: found",
        )
        if not (submission := await self._submit(act, _permit(act.number, permits.LEATHER))):
            return act
        await self._settled(submission)
        deliveries = (await self.swiss.follow(submission))["deliveries"]
        message_id = next(str(each["message_id"]) for each in deliveries if each["partner"])
        node, trust = self.nodes["CH"], tuple(each.folder / "public" for each in self.nodes.values())
        evidence = await check_evidence(node, message_id, trust)
        self.tell("a court, no network", "checks the evidence of the delivery", evidence)
        log = await check_log(node)
        self.tell("operator of CH", "verifies the message log", log)
        act.ended = f"evidence {evidence}; log {log}"
        return act

    def _checked(self, text: str, listed: str) -> str:
        """What a check says with nothing at hand but the seal's certificate and a status list."""
        seal = self._key("CH:MA").certificate
        issuers = Issuers({"CH": (seal,)})
        lists = prove_lists([("ch.jws", listed)], issuers)
        return str(HEADLINES[check_statement(text, issuers, lists, at=clock.now()).verdict])

    async def _first_failure(self, submission: str) -> str:
        """Wait until an attempt has failed; returns the state and why."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                for each in (await self.swiss.follow(submission))["deliveries"]:
                    if each["partner"] and each["attempts"]:
                        return f"{each['state']}: {each['error_code']}"
                await asyncio.sleep(0.05)

    def _key(self, owner: str) -> Any:
        """A key out of the Swiss folder: the demonstration plays the Swiss gateway, and its thief."""
        keys = self.nodes["CH"].folder / "keys"
        name = "gateway" if owner == "gateway" else owner.replace(":", "-").lower()
        return load_signing_key(keys / f"{name}.key.pem", keys / f"{name}.crt.pem", at=clock.now())

    def _envelope(self, number: str, sealed: bytes) -> bytes:
        """An envelope from CH:MA to FR:MA, signed by the Swiss gateway."""
        header = Header(
            message_id=clock.new_id(),
            conversation_id=clock.new_id(),
            sender=AuthorityId.parse("CH:MA"),
            recipient=AuthorityId.parse("FR:MA"),
            kind=Kind.PERMIT,
            sent_at=clock.now(),
            permit=PermitRef.of("CH", number),
        )
        return sign(message.build(header, sealed), self._key("gateway"))

    def _quote(self, act: Act) -> None:
        """Show the first reason."""
        if act.findings:
            self.tell("", "", act.findings[0])


def _permit(number: str, rows: tuple[permits.Row, ...], purpose: str = "T") -> bytes:
    """A permit of the demonstration, dated around now."""
    live = any(row.term == "LIV" for row in rows)
    conditions = "Transport of live specimens according to the IATA Live Animals Regulations." if live else ""
    return permits.make_permit(number, rows, clock.now(), purpose=purpose, conditions=conditions)


def _outcome(receipt: bytes) -> str:
    """The outcome that a receipt states."""
    return receipts.read(parse(receipt).root).outcome.value
