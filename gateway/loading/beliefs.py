"""What a running gateway believes, and how it takes in a change without a restart."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gateway.config import Settings, load
from gateway.exchange.directory import Directory
from gateway.exchange.directory_file import DirectoryFile
from gateway.flows.learn import Known
from gateway.flows.ports import Node
from gateway.flows.trust_facts import believed, facts_of
from gateway.loading.directories import load_directories, load_publishers
from gateway.loading.keys import load_keyring
from gateway.loading.known import load_known
from gateway.loading.mailboxes import check_tokens
from gateway.people.proposals import Facts
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.signatures.keys import fingerprint
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.revocation import Revocations
from gateway.storage.list_files import ListFiles


@dataclass(slots=True)
class Beliefs:
    """
    Keys, partners and directories as they were last read, each without an error.

    Each kind is read again on its own: a broken directory does not hold up a new key, nor the reverse.
    """

    settings: Settings
    """Those of the start; only their partners are read again."""
    keyring: Keyring
    directories: tuple[DirectoryFile, ...]
    known: Known
    """What counts: what the files say; where two persons must agree, what they have agreed to of it."""
    agreed: Facts | None = None
    """What two persons have agreed to; None where nobody asked for that."""
    serial: int = 0
    """Of the last change to which they did."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Keys and partners are read in threads of their own."""

    @classmethod
    def load(cls, settings: Settings, at: datetime) -> "Beliefs":
        """
        Read everything; `at` is now.

        Raises `KeyMaterialError` or `ConfigurationError` that says why the gateway must not start.
        """
        keyring = load_keyring(settings, at)
        directories = load_directories(settings)
        return cls(settings, keyring, directories, load_known(settings, keyring, directories))

    def wished(self) -> Facts:
        """What the files said when they were last read, as facts to agree to."""
        known = load_known(self.settings, self.keyring, self.directories)
        return facts_of(known, load_publishers(self.settings))

    def hold_to(self, agreed: tuple[Facts, int] | None) -> None:
        """Before anything is in use: nothing else counts than what two persons have agreed to."""
        self.agreed, self.serial = agreed if agreed is not None else (None, 0)
        self.known = self._weighed(self.known)

    def _weighed(self, known: Known) -> Known:
        """What counts of what the files say."""
        return known if self.agreed is None else believed(known, self.agreed)

    def list_files(self) -> tuple[Path, ...]:
        """Where revocation lists, and the certificates of who signs them, lie."""
        said = self.settings.revocation
        return (*said.lists, *said.issuers, self.settings.revocation_folder)

    def files(self) -> tuple[Path, ...]:
        """Where the operator registers partners: the configuration, the folder beside it, certificates."""
        named = [place for partner in self.settings.partner for place in partner.places()]
        return (self.settings.file, self.settings.directory_folder, *named)

    def reload_keys(self, node: Node, at: datetime) -> None:
        """
        Take in the keys as they are now.

        Raises a `GatewayError` and changes nothing when one is broken.
        """
        with self.lock:
            keyring = load_keyring(self.settings, at)
            self.known = self._weighed(load_known(self.settings, keyring, self.directories))
            self.keyring = node.keys = keyring
            self._believe(node)

    def read_partners(self) -> "Fresh":
        """
        Partners and directories as they are now; nothing of it counts yet.

        Raises a `GatewayError` when one is broken.
        """
        settings = replace(self.settings, partner=load(self.settings.file).partner)
        check_tokens(settings)
        directories = load_directories(settings)
        known = load_known(settings, self.keyring, directories)
        return Fresh(settings, directories, known, facts_of(known, load_publishers(settings)))

    def changes(self, fresh: "Fresh", agreed: tuple[Facts, int] | None) -> tuple[str, ...]:
        """What would count differently, as sentences; `agreed` is what two persons have agreed to by now."""
        after = fresh.known if agreed is None else believed(fresh.known, agreed[0])
        return tuple(_changes(self.known, after))

    def take_in(self, fresh: "Fresh", agreed: tuple[Facts, int] | None, node: Node) -> None:
        """Let what was read count from now on, as far as it was agreed to."""
        with self.lock:
            self.settings, self.directories = fresh.settings, fresh.directories
            self.agreed, self.serial = agreed if agreed is not None else (None, 0)
            self.known = self._weighed(load_known(self.settings, self.keyring, self.directories))
            self._believe(node)

    def reload_lists(self, node: Node) -> None:
        """
        Take in the revocation lists as they are now.

        Raises `KeyMaterialError` and changes nothing when one is broken.
        """
        with self.lock:
            node.revocations = load_revocations(self.settings, self.known)

    def _believe(self, node: Node) -> None:
        """Put what is known in use; a flow that has begun may end with what it began with."""
        node.directory, node.trust = self.known.directory, self.known.trust
        node.tls = tls_in_use(self.settings, self.known)
        node.policy = policy_in_use(self.settings, self.known)


@dataclass(frozen=True, slots=True)
class Fresh:
    """Partners and directories that were read and found sound."""

    settings: Settings
    directories: tuple[DirectoryFile, ...]
    known: Known
    facts: Facts
    """The same, as facts to agree to."""


def load_revocations(settings: Settings, known: Known) -> Revocations:
    """The lists of the operator and those that were fetched; raises `KeyMaterialError`."""
    points = settings.revocation.distribution_points
    fetched = ListFiles(settings.revocation_folder).files(points)
    return Revocations.load(settings.revocation, known.trust.all(), fetched)


def policy_in_use(settings: Settings, known: Known) -> SignaturePolicy:
    """The policy with what the operator chose, and with the exceptions of partners."""
    return replace(
        DEFAULT_POLICY, oracle_share=settings.signatures.oracle_share, excepted=known.trust.excepted
    )


def tls_in_use(settings: Settings, known: Known) -> TrustStore:
    """The TLS certificates that partners must show when they call: none when nobody is asked for one."""
    return known.tls if settings.web.client_certificates != "none" else TrustStore({})


def _changes(before: Known, after: Known) -> Iterator[str]:
    """What differs, for the message log: partners, and certificates by owner."""
    yield from _partners(before.directory, after.directory)
    for word, old, new in (("", before.trust, after.trust), (" (TLS)", before.tls, after.tls)):
        for owner in sorted({*old.by_owner, *new.by_owner}):
            was, now = set(old.of(owner)), set(new.of(owner))
            yield from (f"{owner}{word} has certificate {fingerprint(each)}" for each in now - was)
            yield from (f"{owner}{word} lost certificate {fingerprint(each)}" for each in was - now)


def _partners(before: Directory, after: Directory) -> Iterator[str]:
    """Partners that came, went, or are reached or trusted in another way."""
    old, new = before.partners, after.partners
    yield from (f"added partner {name}" for name in new if name not in old)
    yield from (f"removed partner {name}" for name in old if name not in new)
    yield from (f"changed partner {name}" for name in new if name in old and new[name] != old[name])
