"""What a running gateway takes in without a restart, and what it warns of: one watch for each."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography import x509

from gateway.flows.note_change import note_change
from gateway.flows.ports import Node
from gateway.flows.refresh_lists import refresh_list
from gateway.flows.two_persons import serial_that_counts
from gateway.flows.two_persons import settle as settle_trust
from gateway.loading.beliefs import Beliefs
from gateway.loading.in_use import certificates_in_use
from gateway.loading.tls import load_client_tls, renew_server_tls, tls_files
from gateway.signatures.keyfile import NAME as KEY_FILE
from gateway.signatures.keys import load_certificates
from gateway.signatures.revocation import RevocationResult
from gateway.storage.list_files import ListFiles
from gateway.transport.lists import HttpLists
from gateway.transport.rest import RestCourier
from gateway.workers.agreement_watch import AgreementWatch
from gateway.workers.expiry_watch import ExpiryWatch
from gateway.workers.file_watch import FileWatch
from gateway.workers.list_refresher import ListRefresher


class Watch(Protocol):
    """Something that runs beside the rest until it is cancelled."""

    async def run(self) -> None:
        """Run for ever."""


@dataclass(frozen=True, slots=True)
class Watches:
    """Everything that is watched in one gateway."""

    node: Node
    beliefs: Beliefs
    courier: RestCourier
    server_tls: ssl.SSLContext | None

    def all(self) -> Iterator[Watch]:
        """Keys, partners, revocation lists, TLS files; and what ends soon."""
        beliefs = self.beliefs
        yield FileWatch("keys", lambda: [beliefs.settings.key_folder / KEY_FILE], self.take_in_keys)
        yield FileWatch("partners", beliefs.files, self.take_in_partners)
        yield FileWatch("revocation lists", beliefs.list_files, self.take_in_lists)
        yield FileWatch("TLS files", lambda: tls_files(beliefs.settings), self.renew_tls)
        if beliefs.agreed is not None:
            yield AgreementWatch(self.look_for_agreement)
        yield ExpiryWatch(self.node.clock, self.certificates, self.alarms)
        for url in beliefs.settings.revocation.distribution_points:
            yield ListRefresher(url, self.node.clock, self.refresh(url))

    async def take_in_keys(self) -> None:
        """The keys of `ecites keys`."""
        await asyncio.to_thread(self.beliefs.reload_keys, self.node, self.node.clock.now())

    async def take_in_partners(self) -> None:
        """
        Partners and directories, which bring TLS certificates along.

        1. They are read; nothing of it counts yet.
        2. Where two persons must agree, only what they have agreed to does, and the rest waits for them.
        3. In the log before it counts.
        """
        # 1
        fresh = await asyncio.to_thread(self.beliefs.read_partners)
        # 2
        agreed = await settle_trust(fresh.facts, self.node)
        # 3
        await note_change(self.beliefs.changes(fresh, agreed), self.node)
        await asyncio.to_thread(self.beliefs.take_in, fresh, agreed, self.node)
        await self.renew_tls()

    async def look_for_agreement(self) -> None:
        """Whether two persons have agreed to something since; it counts then."""
        if await serial_that_counts(self.node) != self.beliefs.serial:
            await self.take_in_partners()

    async def take_in_lists(self) -> None:
        """Revocation lists; a server's certificate may be on one."""
        await asyncio.to_thread(self.beliefs.reload_lists, self.node)
        await self.renew_tls()

    async def renew_tls(self) -> None:
        """What we show, and whom we believe, from the next connection on."""
        settings, trust, at = self.beliefs.settings, self.beliefs.known.tls, self.node.clock.now()
        self.courier.use(load_client_tls(settings, trust, at, self.node.revocations))
        if self.server_tls is not None:
            renew_server_tls(self.server_tls, settings, trust, at)

    def refresh(self, url: str) -> Callable[[], Awaitable[datetime]]:
        """How the list at an address is fetched, with the issuers as they are by then."""

        async def refresh() -> datetime:
            settings = self.beliefs.settings
            named = [c for place in settings.revocation.issuers for c in load_certificates(place)]
            issuers = [*named, *self.beliefs.known.trust.all()]
            folder = ListFiles(settings.revocation_folder)
            return await refresh_list(url, issuers, self.node, HttpLists(), folder)

        return refresh

    def alarms(self, at: datetime) -> Iterable[RevocationResult]:
        """The revocation lists that are too old at a moment, of those that are in use by then."""
        return self.node.revocations.alarms(at)

    def certificates(self) -> Iterator[tuple[str, x509.Certificate]]:
        """Every certificate in use, with the name under which people know it."""
        beliefs = self.beliefs
        for each in certificates_in_use(self.node, beliefs.known.tls, beliefs.settings):
            yield each.name, each.certificate
