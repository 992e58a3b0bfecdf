"""Everything that the flows of one gateway share, from settings."""

from collections.abc import Callable
from datetime import datetime

from gateway import clock
from gateway.config import Settings
from gateway.exchange.directory import Directory
from gateway.exchange.retry import RetryPolicy
from gateway.flows.desk import AT_ONCE
from gateway.flows.guesses import Guesses
from gateway.flows.hashing import Hashing
from gateway.flows.ports import Desk, Node
from gateway.loading.beliefs import Beliefs, load_revocations, policy_in_use, tls_in_use
from gateway.loading.standards import load_standards
from gateway.loading.webhooks import load_webhooks
from gateway.people.passwords import PasswordSettings
from gateway.people.settings import PeopleSettings
from gateway.permits.token_id import TokenPolicy
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.storage.checkpoint_file import CheckpointFile
from gateway.storage.unit_of_work import Database


class SystemClock:
    """Fulfils the port `Clock` with the real time."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return clock.now()

    def new_id(self) -> str:
        """A UUIDv7."""
        return clock.new_id()


def make_node(
    settings: Settings,
    beliefs: Beliefs,
    database: Database,
    wake: Callable[[], None],
    desk: Desk = AT_ONCE,
) -> Node:
    """
    A node that believes `beliefs`, keeps what comes in `database` and examines it at `desk`.

    Raises `ConfigurationError` or `KeyMaterialError` for a list of species, or of revoked certificates, or a
    secret of a webhook, that cannot be used.
    """
    known = beliefs.known
    return Node(
        directory=known.directory,
        trust=known.trust,
        keys=beliefs.keyring,
        storage=database,
        clock=SystemClock(),
        retry=settings.delivery,
        breaker=settings.breaker,
        wake=wake,
        standards=load_standards(settings),
        token_policies={each.id: TokenPolicy(each.permit_tokens) for each in settings.authority},
        guesses=Guesses(settings.permit_tokens),
        freshness=settings.freshness,
        uses={each.party: each for each in settings.use},
        revocations=load_revocations(settings, known),
        policy=policy_in_use(settings, known),
        tls=tls_in_use(settings, known),
        desk=desk,
        webhooks=load_webhooks(settings),
        checkpoints=CheckpointFile(settings.checkpoint_file),
        people=settings.people,
        hashing=Hashing(settings.people.password),
    )


def bare_node(database: Database, people: PeopleSettings | None = None) -> Node:
    """A node for commands that look into the database, or change it: it has no keys and knows nobody."""
    return Node(
        directory=Directory(frozenset(), {}),
        trust=TrustStore({}),
        keys=Keyring(()),
        storage=database,
        clock=SystemClock(),
        retry=RetryPolicy(),
        wake=lambda: None,
        people=people or PeopleSettings(),
        hashing=Hashing(people.password if people else PasswordSettings()),
    )
