"""Puts the gateway together: settings in, a running node out."""

import asyncio
import contextlib
import os
import signal
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from aiohttp import web
from cryptography import x509
from sqlalchemy.engine import make_url

from gateway import clock
from gateway.codec import registry
from gateway.codec.profile import Profile
from gateway.config import Settings
from gateway.errors import ConfigurationError, GatewayError, KeyMaterialError
from gateway.exchange import schema as exchange_schema
from gateway.exchange.directory_file import DirectoryFile
from gateway.flows.learn import Known, check_fits, joined, names_of, prove_directory, without
from gateway.flows.ports import Node
from gateway.flows.standards import Standards
from gateway.permits import species as species_list
from gateway.permits.identity import Role
from gateway.permits.rules import Evidence
from gateway.signatures import verify
from gateway.signatures.keyfile import NAME as KEY_FILE
from gateway.signatures.keyring import GATEWAY, Keyring, TrustStore, Use
from gateway.signatures.keys import check_certificate, is_development, load_certificates
from gateway.signatures.keystore import load_keyring as read_keyring
from gateway.signatures.revocation import Revocations
from gateway.storage.directory_files import DirectoryFolder
from gateway.storage.engine import check_shape, open_engine, sqlite_file
from gateway.storage.unit_of_work import Database
from gateway.transport.rest import RestCourier
from gateway.transport.tls import ClientTls, OwnCertificate, ServerPins, own_leaf, server_context
from gateway.web.server import make_application
from gateway.workers.dispatcher import Dispatcher
from gateway.workers.key_watch import KeyWatch

logger = structlog.get_logger(__name__)


REQUEST_PATIENCE = 2.0
"""Seconds that a caller has for the rest of a request, once it is answered or the gateway ends."""


class SystemClock:
    """Fulfils the port `Clock` with the real time."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return clock.now()

    def new_id(self) -> str:
        """A UUIDv7."""
        return clock.new_id()


@dataclass(slots=True)
class Bell:
    """Lets flows wake a worker that is made after them."""

    listeners: list[Dispatcher] = field(default_factory=list)

    def ring(self) -> None:
        """Wake every listener."""
        for listener in self.listeners:
            listener.wake()


def database_url(settings: Settings) -> str:
    """The database's address, a relative SQLite file made absolute beside the configuration."""
    file = sqlite_file(settings.database)
    if file is None:
        return settings.database
    return str(make_url(settings.database).set(database=str(settings.folder / file)))


async def open_database(settings: Settings) -> Database:
    """
    The database, checked to be the one that this program expects.

    Raises `ConfigurationError` or `StorageError`.
    """
    url = database_url(settings)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise ConfigurationError(
            f"the database {file} is missing",
            advice="restore it from the backup, or make a new one: ecites db upgrade --config FILE",
        )
    engine = open_engine(url)
    try:
        await check_shape(engine)
    except BaseException:
        await engine.dispose()
        raise
    return Database(engine)


def load_keyring(settings: Settings, at: datetime) -> Keyring:
    """
    Every key of this gateway and of the authorities that live here, checked to be fit to serve at `at`.

    Raises `KeyMaterialError` when one is missing, does not fit, or is a throw-away key outside development;
    when the key that signs now is out of its time; and when a Management Authority has none.
    """
    passphrase = settings.keys.passphrase(os.environ)
    keyring = read_keyring(settings.configured_keys(), settings.key_folder, passphrase=passphrase)
    hosted = [GATEWAY, *(str(authority.id) for authority in settings.authority)]
    for key in keyring.keys:
        if key.owner not in hosted:
            raise KeyMaterialError(
                f"the key {key.name} belongs to {key.owner}, which does not live here",
                advice=f"mend its owner in {settings.key_folder / KEY_FILE}; known: {', '.join(hosted)}",
            )
        if key.signing_key is not None:
            _refuse_development(key.signing_key.certificate, settings)
    keyring.active(GATEWAY, at)
    for authority in settings.authority:
        if keyring.current(str(authority.id), at) is not None:
            keyring.active(str(authority.id), at)
        elif authority.id.role is Role.MA:
            raise KeyMaterialError(
                f"authority {authority.id} has no seal",
                advice=f"make one with: ecites keys new {authority.id}; or give it key and certificate in "
                "[[authority]]",
            )
    return keyring


def load_trust(settings: Settings, keyring: Keyring) -> TrustStore:
    """
    Every certificate that the operator registered, and our own, by owner.

    Raises `KeyMaterialError` or `ConfigurationError`, also for an empty store (promise 5).
    """
    owned: list[tuple[str, tuple[x509.Certificate, ...]]] = [
        (str(authority.id), keyring.certificates(str(authority.id))) for authority in settings.authority
    ]
    for partner in settings.partner:
        owned.append((partner.id, _load_all(partner.certificates, settings)))
        owned.extend((str(a.id), _load_all(a.certificates, settings)) for a in partner.authority)
    return TrustStore.filled(owned)


def load_tls_trust(settings: Settings) -> TrustStore:
    """
    The TLS certificates of each partner that has any; may be empty, then TLS identity is not demanded.

    Raises `KeyMaterialError`.
    """
    owned = {}
    for partner in settings.partner:
        if partner.tls_certificates:
            owned[partner.id] = tuple(
                c for place in partner.tls_certificates for c in load_certificates(place)
            )
        for certificate in owned.get(partner.id, ()):
            _refuse_development(certificate, settings)
    return TrustStore(owned)


def load_client_tls(settings: Settings, trust: TrustStore, at: datetime) -> ClientTls:
    """
    How partners' servers are verified, and what we show them.

    Raises `KeyMaterialError`.
    """
    own = None
    if settings.transport.certificate is not None and settings.transport.key is not None:
        own = _own(settings.transport.certificate, settings.transport.key, settings, at)
    exact = {partner.id for partner in settings.partner if partner.tls_server_check == "certificate"}
    pins = {owner: ServerPins(its, exact=owner in exact) for owner, its in trust.by_owner.items()}
    return ClientTls(pins, own)


def load_server_tls(settings: Settings, trust: TrustStore, at: datetime) -> ssl.SSLContext | None:
    """
    TLS of our own port; None when it speaks plain HTTP.

    A proxy in front of us shows no certificate of its own, so none is asked for then.

    Raises `KeyMaterialError`.
    """
    web_settings = settings.web
    if web_settings.tls is None:
        return None
    own = _own(web_settings.tls.certificate, web_settings.tls.key, settings, at)
    asked = web_settings.client_certificates != "none" and web_settings.proxy is None
    return server_context(own, trust.all() if asked else ())


def _own(certificate: Path, key: Path, settings: Settings, at: datetime) -> OwnCertificate:
    """The files that we show, looked at before they are used."""
    own = OwnCertificate(certificate, key)
    _refuse_development(own_leaf(own, at=at), settings)
    return own


def load_publishers(settings: Settings) -> tuple[x509.Certificate, ...]:
    """
    The certificates of those whose directories are believed; none when the operator trusts nobody's.

    Raises `KeyMaterialError`.
    """
    places = settings.directories.trusted
    return _load_all(places, settings) if places else ()


def load_directories(settings: Settings, *, leave_out: str = "") -> tuple[DirectoryFile, ...]:
    """
    The directories that were imported, proven again, except that of the publisher `leave_out`.

    Raises `ConfigurationError` that names the file when one is broken, was signed by somebody who is not
    trusted any more, or contradicts the configuration or another one.
    """
    trusted = load_publishers(settings)
    known: list[DirectoryFile] = []
    for file, data in DirectoryFolder(settings.directory_folder).read().items():
        if file.stem == leave_out:
            continue
        try:
            directory = prove_directory(
                data, trusted, at=None, development=settings.environment == "development"
            )
            check_against(directory, settings, known)
        except GatewayError as error:
            raise ConfigurationError(
                f"{file}: {error.message}",
                advice="take the file away; to have the directory again: ecites partner import",
            ) from None
        known.append(directory)
    return tuple(known)


def check_against(directory: DirectoryFile, settings: Settings, others: Sequence[DirectoryFile]) -> None:
    """
    Check that a directory fits the configuration and the other directories.

    Raises `DirectoryRefused`.
    """
    own_id = settings.directories.id
    taken = {
        name: f"the directory of {other.publisher}"
        for other in others
        for name in names_of(without(other, own_id))
    }
    configured = settings.directory()
    names = [*configured.partners, *map(str, configured.hosted)]
    names += [str(authority) for partner in configured.partners.values() for authority in partner.authorities]
    taken |= dict.fromkeys(names, "the configuration")
    check_fits(directory, own_id=own_id, hosted=configured.hosted, taken=taken)


def load_known(settings: Settings, keyring: Keyring, directories: Sequence[DirectoryFile]) -> Known:
    """
    Who takes part and whose certificates we believe: the configuration and the imported `directories`.

    Raises `KeyMaterialError` or `ConfigurationError`.
    """
    configured = Known(settings.directory(), load_trust(settings, keyring))
    return joined(configured, directories, own_id=settings.directories.id)


def load_standards(settings: Settings) -> Standards:
    """
    How this gateway reads and judges documents.

    Raises `ConfigurationError` when the list of species is missing or broken.
    """
    documents = settings.documents
    species = species_list.load(documents.species) if documents.species else None
    if species is not None:
        species.warm()
    evidence = Evidence(species=species)
    return Standards(documents.versions, Profile(documents.profile), settings.rules, evidence)


def _load_all(places: tuple[Path, ...], settings: Settings) -> tuple[x509.Certificate, ...]:
    """The certificates of a partner or of an authority behind it."""
    certificates = tuple(certificate for place in places for certificate in load_certificates(place))
    for certificate in certificates:
        check_certificate(certificate, str(places[0]))
        _refuse_development(certificate, settings)
    return certificates


def _refuse_development(certificate: x509.Certificate, settings: Settings) -> None:
    """Throw-away keys are known to everybody who has the repository or the demo."""
    if is_development(certificate) and settings.environment != "development":
        raise KeyMaterialError(
            f"{certificate.subject.rfc4514_string()} is a throw-away development certificate",
            advice='use real keys, or say environment = "development" on a machine for trying things out',
        )


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[str]:
    """
    A gateway that serves until the block is left; yields its address.

    1. Keys and trust: refuse to start rather than verify nothing.
    2. The database.
    3. Schemas, compiled before the first permit comes.
    4. The worker, then the web server. What a crash left queued is taken up at once, what it left in the
       middle of sending when its lease ends.
    5. At the end in the other order: no new work, then what is on its way.

    Raises a `GatewayError` that says what is missing.
    """
    # 1
    at = clock.now()
    keyring = load_keyring(settings, at)
    directories = load_directories(settings)
    known = load_known(settings, keyring, directories)
    tls_trust = load_tls_trust(settings)
    client_tls = load_client_tls(settings, tls_trust, at)
    server_tls = load_server_tls(settings, tls_trust, at)
    # 2
    database = await open_database(settings)
    # 3
    registry.warm()
    exchange_schema.warm()
    verify.warm()
    # 4
    bell = Bell()
    node = Node(
        directory=known.directory,
        trust=known.trust,
        keys=keyring,
        storage=database,
        clock=SystemClock(),
        retry=settings.delivery,
        wake=bell.ring,
        standards=load_standards(settings),
        freshness=settings.freshness,
        revocations=Revocations.load(settings.revocation, known.trust.all()),
        tls=tls_trust if settings.web.client_certificates != "none" else TrustStore({}),
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        courier = await stack.enter_async_context(RestCourier(settings.transport, client_tls))
        dispatcher = Dispatcher(node, courier, settings.worker)
        bell.listeners.append(dispatcher)
        stack.push_async_callback(dispatcher.stop)
        working = asyncio.create_task(dispatcher.run())
        stack.push_async_callback(_cancelled, working)
        watching = asyncio.create_task(_key_watch(node, settings, directories).run())
        stack.push_async_callback(_cancelled, watching)
        runner = web.AppRunner(
            make_application(node, settings.web),
            access_log=None,
            shutdown_timeout=REQUEST_PATIENCE,
            lingering_time=REQUEST_PATIENCE,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        yield await _listen(runner, settings, server_tls)


def _key_watch(node: Node, settings: Settings, directories: Sequence[DirectoryFile]) -> KeyWatch:
    """
    Takes in what `ecites keys` changes, and warns of certificates that end.

    `directories` are those of the start: a file that was imported since must not change half of what we know.
    """

    def reload(at: datetime) -> None:
        keyring = load_keyring(settings, at)
        node.trust, node.keys = load_known(settings, keyring, directories).trust, keyring

    def certificates() -> list[tuple[str, x509.Certificate]]:
        at = node.clock.now()
        found = [
            (f"{key.name} ({key.owner})", key.certificate)
            for key in node.keys.keys
            if key.certificate is not None and node.keys.use(key, at) is not Use.RETIRED
        ]
        for partner in node.directory.partners.values():
            for owner in (partner.id, *map(str, partner.authorities)):
                found += [(owner, certificate) for certificate in node.trust.of(owner)]
        return found

    return KeyWatch(node.clock, settings.key_folder / KEY_FILE, reload, certificates)


async def _listen(runner: web.AppRunner, settings: Settings, tls: ssl.SSLContext | None) -> str:
    """Open the port; returns the address."""
    host, port = settings.web.host, settings.web.port
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            advice="another program may have the port; set another one in [web]",
        ) from None
    return f"{'https' if tls else 'http'}://{host}:{runner.addresses[0][1]}"


async def _cancelled(task: asyncio.Task[None]) -> None:
    """End a task that runs for ever."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with running(settings) as address:
        logger.info("serving", address=address, authorities=sorted(map(str, settings.directory().hosted)))
        await stop.wait()
        logger.info("stopping")
