"""What an authority's own system does: submit, follow, look into the inbox, ask."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway.cli.demonstration.network import DemoNode


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to one gateway with the token of one authority."""

    session: aiohttp.ClientSession
    node: DemoNode
    authority: str

    @property
    def headers(self) -> dict[str, str]:
        """The authority's token."""
        return {"Authorization": f"Bearer {self.node.tokens[self.authority]}"}

    async def submit(self, permit: bytes, key: str = "") -> tuple[int, dict[str, Any]]:
        """Hand a permit over; returns the HTTP status and the answer."""
        headers = self.headers | {"Content-Type": "application/xml"}
        if key:
            headers["Idempotency-Key"] = key
        async with self.session.post(
            f"{self.node.url}/api/v1/permits", data=permit, headers=headers
        ) as answer:
            return answer.status, await answer.json(content_type=None)

    async def status_list(self, party: str) -> str:
        """The signed list of the permits of a Party that must not be used any more; needs no token."""
        async with self.session.get(f"{self.node.url}/status-list/{party}") as answer:
            answer.raise_for_status()
            return (await answer.text()).strip()

    async def follow(self, submission: str) -> dict[str, Any]:
        """What became of a submission."""
        async with self.session.get(
            f"{self.node.url}/api/v1/submissions/{submission}", headers=self.headers
        ) as answer:
            followed: dict[str, Any] = await answer.json()
            return followed

    async def receipt(self, delivery: str) -> bytes | None:
        """The partner's signed receipt; None when there is none."""
        async with self.session.get(
            f"{self.node.url}/api/v1/deliveries/{delivery}/receipt", headers=self.headers
        ) as answer:
            return await answer.read() if answer.ok else None

    async def inbox(self) -> list[dict[str, Any]]:
        """What waits for the authority."""
        async with self.session.get(
            f"{self.node.url}/api/v1/inbox?limit=200", headers=self.headers
        ) as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return items

    async def fetch(self, item: str) -> bytes:
        """The bytes of one permit in the inbox; raises `aiohttp.ClientResponseError` for any other answer."""
        async with self.session.get(f"{self.node.url}/api/v1/inbox/{item}", headers=self.headers) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def acknowledge(self, item: str) -> None:
        """Say that one permit is safe; raises `aiohttp.ClientResponseError` unless that was understood."""
        async with self.session.post(
            f"{self.node.url}/api/v1/inbox/{item}/acknowledgement", headers=self.headers
        ) as answer:
            answer.raise_for_status()

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send JSON; returns the HTTP status and the answer."""
        async with self.session.post(f"{self.node.url}{path}", json=body, headers=self.headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def ledger(self, issuer: str, number: str) -> dict[str, Any]:
        """What became of a permit."""
        return (await self.post("/api/v1/permits/ledger", {"issuer": issuer, "number": number}))[1]

    async def ask(self, issuer: str, number: str) -> dict[str, Any]:
        """Is this permit valid?"""
        async with self.session.post(
            f"{self.node.url}/api/v1/permits/validity",
            json={"issuer": issuer, "number": number},
            headers=self.headers,
        ) as answer:
            validity: dict[str, Any] = await answer.json()
            return validity


async def send_envelope(session: aiohttp.ClientSession, node: DemoNode, envelope: bytes) -> tuple[int, bytes]:
    """Put an envelope to a gateway's exchange door, as a partner would."""
    async with session.post(
        f"{node.url}/exchange/v1/messages", data=envelope, headers={"Content-Type": "application/xml"}
    ) as answer:
        return answer.status, await answer.read()
