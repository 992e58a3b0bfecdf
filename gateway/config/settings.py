"""Everything that the configuration can say; most of it is declared beside the code that it steers."""

import logging
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gateway.codec.profile import Profile
from gateway.codec.versions import VERSIONS
from gateway.config.alerts import AlertSettings
from gateway.config.webhooks import WebhookSettings
from gateway.exchange.breaker import BreakerPolicy
from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.freshness import FreshnessPolicy
from gateway.exchange.message import Kind
from gateway.exchange.paperless import PaperlessAgreement
from gateway.exchange.records import Direction
from gateway.exchange.retry import RetryPolicy
from gateway.flows.guesses import GuessLimits
from gateway.flows.learn import DirectorySettings
from gateway.people.settings import PeopleSettings
from gateway.permits.identity import AuthorityId
from gateway.permits.rules import RuleSettings
from gateway.permits.token_id import TokenPolicy
from gateway.permits.writing_off import UsePolicy
from gateway.signatures.keyfile import KeyFolderSettings
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.keystore import ConfiguredKeys
from gateway.signatures.policy import DEFAULT_POLICY, SignatureSettings, check_rsa_bits
from gateway.signatures.revocation import RevocationSettings
from gateway.transport.rest import TransportSettings
from gateway.web.keys import WebSettings
from gateway.workers.dispatcher import DispatcherSettings
from gateway.workers.sequencer import LogSettings

SERVER_CHECKS = ("name", "certificate")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class KeySettings:
    """The key of the gateway itself: signs envelopes and receipts."""

    key: Path | None = None
    """PEM, relative to the configuration file; needed unless `ecites keys` looks after it."""
    certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """An authority that lives here."""

    id: AuthorityId
    key: Path | None = None
    """Its seal; needed for an authority that issues permits, unless `ecites keys` looks after it."""
    certificate: Path | None = None
    retired_certificates: tuple[Path, ...] = ()
    """Earlier seals, so that permits sealed with them still verify."""
    client_certificates: tuple[Path, ...] = ()
    """Files or folders: with one of these, instead of a token, the authority's own system calls."""
    permit_tokens: str = TokenPolicy.NONE.value
    """Whether its permits have a token that whoever asks must know: `none`, `optional` (as it submits each),
    `required` (the gateway makes one where none comes)."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        if self.permit_tokens not in set(TokenPolicy):
            words = ", ".join(TokenPolicy)
            raise ValueError(f"permit_tokens must be one of {words}, not {self.permit_tokens!r}")


@dataclass(frozen=True, slots=True)
class PartnerAuthoritySettings:
    """An authority behind a partner."""

    id: AuthorityId
    certificates: tuple[Path, ...] = ()
    """Files or folders with the certificates of its seal; needed for one that issues permits."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A rule for an authority beside those that live behind a partner."""

    rule: ChannelRule
    """`forward-copy`: what comes from the partner also goes to the authority.
    `act-for`: the partner may speak for it."""
    authority: AuthorityId


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """A remote gateway."""

    id: str
    url: str = field(default="", kw_only=True)
    """Where it takes envelopes; may be left out when it has a mailbox here."""
    certificates: tuple[Path, ...]
    """Files or folders with the certificates that sign its envelopes and receipts."""
    authority: tuple[PartnerAuthoritySettings, ...]
    tls_certificates: tuple[Path, ...] = ()
    """Files or folders: the client certificates with which it calls us, and the certificate of its server
    or of that one's issuer."""
    versions: tuple[str, ...] = ()
    """Message versions that it reads; when nothing stands here, every one is sent."""
    allowed_in: tuple[Kind, ...] = tuple(Kind)
    """Kinds of messages that it may send."""
    allowed_out: tuple[Kind, ...] = tuple(Kind)
    """Kinds of messages that are sent to it."""
    channel: tuple[ChannelSettings, ...] = ()
    delivery: RetryPolicy | None = None
    """When to try again; without it, as for everybody."""
    at_once: int = 0
    """Messages on their way to it at the same time; 0: as for everybody (`worker.per_partner`)."""
    bytes_at_once: int = 0
    """Bytes of all of them together; 0: as for everybody (`worker.bytes_per_partner`)."""
    min_rsa_bits: int = DEFAULT_POLICY.min_rsa_bits
    """2048 for a partner that says that it still signs with such a key; also for authorities behind it."""
    tls_server_check: str = "name"
    """`name`: the server's certificate carries the host name of the url. `certificate`: it is itself among
    `tls_certificates`, whatever name it carries."""
    mailbox: bool = False
    """True for a partner that only calls out: what is for it waits here until it collects it."""
    mailbox_url: str = ""
    """The mailbox that it keeps for us: we call it and collect."""
    mailbox_token_file: Path | None = None
    """The file with the token that its operator gave us for that mailbox."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        if not self.url and not self.mailbox:
            raise ValueError("url is missing; a partner that only calls out has mailbox = true instead")
        if bool(self.mailbox_url) != (self.mailbox_token_file is not None):
            raise ValueError("mailbox_url and mailbox_token_file belong together: name both, or neither")
        if self.tls_server_check not in SERVER_CHECKS:
            words = " or ".join(SERVER_CHECKS)
            raise ValueError(f"tls_server_check must be {words}, not {self.tls_server_check!r}")
        for key in ("at_once", "bytes_at_once"):
            if getattr(self, key) < 0:
                raise ValueError(f"{key} must be 0 or more, not {getattr(self, key)}")
        check_rsa_bits(self.min_rsa_bits)
        unknown = [version for version in self.versions if version not in VERSIONS]
        if unknown:
            raise ValueError(f"versions must be some of {', '.join(VERSIONS)}, not {list(self.versions)}")

    def places(self) -> tuple[Path, ...]:
        """Every file or folder of certificates that it names."""
        seals = [place for authority in self.authority for place in authority.certificates]
        return (*self.certificates, *self.tls_certificates, *seals)

    def partner(self) -> Partner:
        """As the directory of a running gateway holds it."""
        return Partner(
            self.id,
            self.url,
            tuple(authority.id for authority in self.authority),
            self.versions,
            self.allowed,
            tuple(Channel(each.rule, each.authority) for each in self.channel),
            self.delivery,
            self.at_once,
            self.mailbox,
            self.mailbox_url,
            self.bytes_at_once,
        )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where we call it."""
        return tuple(address for address in (self.url, self.mailbox_url) if address)

    @property
    def allowed(self) -> tuple[Allowed, ...]:
        """What may travel; empty, which is everything, when nothing is held back."""
        if set(self.allowed_in) == set(self.allowed_out) == set(Kind):
            return ()
        return tuple(
            Allowed(direction, kind.value)
            for direction, kinds in ((Direction.IN, self.allowed_in), (Direction.OUT, self.allowed_out))
            for kind in kinds
        )


@dataclass(frozen=True, slots=True)
class PartyUseSettings(UsePolicy):
    """How the permits of one Party are written off."""

    party: str = field(kw_only=True)
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True)
class PaperlessSettings:
    """Two Parties have agreed to go without the paper form."""

    parties: tuple[str, ...]
    since: str
    """The first day, as 2026-11-24."""
    note: str = ""
    """Where it is written."""

    def __post_init__(self) -> None:
        """Refuse what is no pair or no day."""
        self.agreement()

    def agreement(self) -> PaperlessAgreement:
        """As the directory of a running gateway holds it."""
        return PaperlessAgreement(self.parties, date.fromisoformat(self.since), self.note)


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """Which documents are accepted, and how they are read."""

    versions: tuple[str, ...] = ("v1", "v2")
    """Message versions; v3 is not among them until its namespaces are certain."""
    profile: str = Profile.STRICT.value
    """How documents of partners are read: `strict`, or `tolerant` of what real senders get wrong."""
    species: Path | None = None
    """The list of species that `ecites species import` wrote; without one those rules are not checked."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        unknown = [version for version in self.versions if version not in VERSIONS]
        if unknown or not self.versions:
            raise ValueError(f"versions must be some of {', '.join(VERSIONS)}, not {list(self.versions)}")
        if self.profile not in set(Profile):
            raise ValueError(f"profile must be one of {', '.join(Profile)}, not {self.profile!r}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the configuration says."""

    authority: tuple[AuthoritySettings, ...]
    gateway: KeySettings = field(default_factory=KeySettings)
    keys: KeyFolderSettings = field(default_factory=KeyFolderSettings)
    revocation: RevocationSettings = field(default_factory=RevocationSettings)
    signatures: SignatureSettings = field(default_factory=SignatureSettings)
    database: str = "sqlite:///ecites.db"
    """A relative SQLite file lies beside the configuration file."""
    environment: str = "production"
    """`development` allows throw-away keys; anything else refuses them."""
    log_level: str = "INFO"
    partner: tuple[PartnerSettings, ...] = ()
    webhook: tuple[WebhookSettings, ...] = ()
    alerts: AlertSettings = field(default_factory=AlertSettings)
    web: WebSettings = field(default_factory=WebSettings)
    delivery: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    worker: DispatcherSettings = field(default_factory=DispatcherSettings)
    transport: TransportSettings = field(default_factory=TransportSettings)
    freshness: FreshnessPolicy = field(default_factory=FreshnessPolicy)
    permit_tokens: GuessLimits = field(default_factory=GuessLimits)
    use: tuple[PartyUseSettings, ...] = ()
    paperless: tuple[PaperlessSettings, ...] = ()
    documents: DocumentSettings = field(default_factory=DocumentSettings)
    rules: RuleSettings = field(default_factory=RuleSettings)
    directories: DirectorySettings = field(default_factory=DirectorySettings)
    log: LogSettings = field(default_factory=LogSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    folder: Path = Path()
    """Where the configuration file lies; not a setting."""
    file: Path = Path()
    """The configuration file itself; not a setting."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        for key, value, words in (
            ("log_level", self.log_level, sorted(logging.getLevelNamesMapping())),
            ("environment", self.environment, ["development", "production"]),
        ):
            if value not in words:
                raise ValueError(f"{key} must be one of {', '.join(words)}, not {value!r}")

    @property
    def trial_without_tls(self) -> bool:
        """Development on this machine alone, where nobody listens on the wire."""
        bare = self.web.tls is None and self.web.proxy is None
        return bare and self.environment == "development" and self.web.host in LOOPBACK

    @property
    def key_folder(self) -> Path:
        """The folder of the keys that `ecites keys` looks after."""
        return self.keys.folder or self.folder / "keys"

    def configured_keys(self) -> tuple[ConfiguredKeys, ...]:
        """The keys that stand in the configuration itself, by owner."""
        return (
            ConfiguredKeys(GATEWAY, self.gateway.key, self.gateway.certificate),
            *(
                ConfiguredKeys(str(each.id), each.key, each.certificate, each.retired_certificates)
                for each in self.authority
            ),
        )

    @property
    def directory_folder(self) -> Path:
        """Where added partners and imported directories lie, beside the configuration file."""
        return self.folder / "partners.d"

    @property
    def checkpoint_file(self) -> Path:
        """Where checkpoints of the message log are kept beside the database."""
        return self.log.checkpoint_file or self.folder / "checkpoints.txt"

    @property
    def revocation_folder(self) -> Path:
        """Where fetched revocation lists lie, beside the configuration file."""
        return self.folder / "revocation.d"

    def directory(self) -> Directory:
        """Who takes part, as configured."""
        return Directory(
            hosted=frozenset(authority.id for authority in self.authority),
            partners={partner.id: partner.partner() for partner in self.partner},
            agreements=tuple(each.agreement() for each in self.paperless),
        )
