"""What is measured when somebody asks a gateway for its metrics."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.exchange.delivery import DeliveryState
from gateway.flows.ports import Node
from gateway.loading.beliefs import Beliefs
from gateway.loading.in_use import certificates_in_use
from gateway.signatures.keys import fingerprint, subject_of
from gateway.signatures.revocation_list import RevocationList
from gateway.telemetry.metrics import OTHER, Reading, Sample

FINGERPRINT_DIGITS = 16
"""Of the SHA-256 of a certificate: enough to tell those of one owner apart, and to find one by eye."""

WAITING = (DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Measures:
    """The readings of one gateway."""

    node: Node
    beliefs: Beliefs

    def install(self) -> None:
        """Let the metrics of the node take them."""
        for name, text, labels, take in (
            (
                "ecites_certificate_seconds_left",
                "Until a certificate ends; negative once it has ended.",
                ("owner", "use", "sha256"),
                self.certificates,
            ),
            (
                "ecites_revocation_list_seconds_left",
                "Until the next update of a revocation list, without the grace; negative once it is past.",
                ("issuer", "list"),
                self.lists_left,
            ),
            (
                "ecites_revocation_list_age_seconds",
                "Since a revocation list was made.",
                ("issuer", "list"),
                self.lists_age,
            ),
            (
                "ecites_revocation_lists_missing",
                "Issuers named in revocation.issuers of whom no list is here, 1 for each.",
                ("issuer",),
                self.lists_missing,
            ),
        ):
            self.node.metrics.read(Reading(name, text, labels, _in_a_thread(take)))
        queue = Reading(
            "ecites_queue_deliveries",
            "Deliveries that are not settled, those of all processes that share the database.",
            ("partner", "state"),
            self.queue,
        )
        self.node.metrics.read(queue)
        for name, text, label, take_number in (
            (
                "ecites_log_entries",
                "Entries of the message log, those that have their place and those that wait for it.",
                "state",
                self.log_entries,
            ),
            (
                "ecites_log_age_seconds",
                "Since the oldest entry without a place was written, and since the last checkpoint.",
                "of",
                self.log_ages,
            ),
        ):
            self.node.metrics.read(Reading(name, text, (label,), take_number))

    def certificates(self) -> Iterator[Sample]:
        """Seconds until each certificate in use ends."""
        at = self.node.clock.now()
        for each in certificates_in_use(self.node, self.beliefs.known.tls, self.beliefs.settings):
            labels = (each.owner, each.purpose.value, fingerprint(each.certificate)[:FINGERPRINT_DIGITS])
            yield labels, (each.certificate.not_valid_after_utc - at).total_seconds()

    def lists_left(self) -> Iterator[Sample]:
        """Seconds until each list should be replaced; of two under one name the worse one counts."""
        at = self.node.clock.now()
        for each in sorted(self.node.revocations.lists, key=lambda found: found.next_update, reverse=True):
            yield _labels(each), (each.next_update - at).total_seconds()

    def lists_age(self) -> Iterator[Sample]:
        """Seconds since each list was made; of two under one name the older one counts."""
        at = self.node.clock.now()
        made = [(each.crl.last_update_utc, each) for each in self.node.revocations.lists]
        for moment, each in sorted(made, key=lambda found: found[0], reverse=True):
            yield _labels(each), (at - moment).total_seconds()

    def lists_missing(self) -> Iterator[Sample]:
        """Issuers of whom a list is expected and none is here: their certificates are not accepted."""
        here = {_signer(each.issuer) for each in self.node.revocations.lists}
        for issuer in self.node.revocations.expected:
            yield (subject_of(issuer),), float(_signer(issuer) not in here)

    async def queue(self) -> list[Sample]:
        """How many deliveries wait or are on their way; who has nothing that waits has nought."""
        async with self.node.storage.read() as transaction:
            found = await transaction.deliveries.unsettled()
        known = (*self.node.directory.partners, *self.node.webhooks)
        counts = Counter({(partner, state): 0 for partner in known for state in WAITING})
        for (partner, state), count in found.items():
            counts[partner if partner in known else OTHER, state] += count
        return [((partner, state.value), float(count)) for (partner, state), count in counts.items()]

    async def log_entries(self) -> list[Sample]:
        """How many entries of the log have their place, and how many wait."""
        async with self.node.storage.read() as transaction:
            waiting, head = await transaction.log_tree.unplaced(), await transaction.log_tree.head()
        return [(("placed",), float(head.size if head else 0)), (("unplaced",), float(waiting.count))]

    async def log_ages(self) -> list[Sample]:
        """For how long the oldest entry has waited, nought when none does; how old the last checkpoint is."""
        async with self.node.storage.read() as transaction:
            since = (await transaction.log_tree.unplaced()).since
            last = await transaction.log_tree.last_checkpoint()
        at = self.node.clock.now()
        signed = [(("last-checkpoint",), (at - last.at).total_seconds())] if last else []
        return [(("oldest-unplaced",), (at - since).total_seconds() if since else 0.0), *signed]


def _labels(found: RevocationList) -> tuple[str, str]:
    """Whose list it is, and the name of its file, which for a fetched one says nothing of the address."""
    return subject_of(found.issuer), Path(found.name).name


def _signer(issuer: x509.Certificate) -> tuple[x509.Name, bytes]:
    """Who signs, also when its certificate was renewed: the same name and the same key."""
    return issuer.subject, issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _in_a_thread(take: Callable[[], Iterable[Sample]]) -> Callable[[], Awaitable[list[Sample]]]:
    """A reading that may look at files, beside the event loop."""

    async def taken() -> list[Sample]:
        return await asyncio.to_thread(lambda: list(take()))

    return taken
