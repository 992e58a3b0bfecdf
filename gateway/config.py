"""
The configuration: one TOML file and `ECITES_*` variables, read once.

Each package declares its own settings beside the code that they steer; this file fills them, refuses what
it does not know, and suggests what was probably meant.
`docs/configuration.md` has an example with every key.
"""

import contextlib
import difflib
import logging
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from gateway.codec.profile import Profile
from gateway.codec.versions import VERSIONS
from gateway.errors import ConfigurationError, MalformedRequest
from gateway.exchange.addresses import is_safe_address
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.freshness import FreshnessPolicy
from gateway.exchange.retry import RetryPolicy
from gateway.flows.learn import DirectorySettings
from gateway.permits.identity import AuthorityId
from gateway.permits.rules import RuleSettings
from gateway.signatures.keyfile import KeyFolderSettings
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.keystore import ConfiguredKeys
from gateway.signatures.revocation import RevocationSettings
from gateway.transport.rest import TransportSettings
from gateway.web.keys import WebSettings
from gateway.workers.dispatcher import DispatcherSettings

PREFIX = "ECITES_"
NOT_SETTINGS = ("ECITES_CONFIG", "ECITES_DEBUG", "ECITES_LANGUAGE", "ECITES_SPECIES")
"""Variables of the command line: where things are, in which language to speak, whether to show tracebacks."""

SERVER_CHECKS = ("name", "certificate")

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class PartnerAuthoritySettings:
    """An authority behind a partner."""

    id: AuthorityId
    certificates: tuple[Path, ...] = ()
    """Files or folders with the certificates of its seal; needed for one that issues permits."""


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """A remote gateway."""

    id: str
    url: str
    certificates: tuple[Path, ...]
    """Files or folders with the certificates that sign its envelopes and receipts."""
    authority: tuple[PartnerAuthoritySettings, ...]
    tls_certificates: tuple[Path, ...] = ()
    """Files or folders: the client certificates with which it calls us, and the certificate of its server
    or of that one's issuer."""
    tls_server_check: str = "name"
    """`name`: the server's certificate carries the host name of the url. `certificate`: it is itself among
    `tls_certificates`, whatever name it carries."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        if self.tls_server_check not in SERVER_CHECKS:
            words = " or ".join(SERVER_CHECKS)
            raise ValueError(f"tls_server_check must be {words}, not {self.tls_server_check!r}")


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
    database: str = "sqlite:///ecites.db"
    """A relative SQLite file lies beside the configuration file."""
    environment: str = "production"
    """`development` allows throw-away keys; anything else refuses them."""
    log_level: str = "INFO"
    partner: tuple[PartnerSettings, ...] = ()
    web: WebSettings = field(default_factory=WebSettings)
    delivery: RetryPolicy = field(default_factory=RetryPolicy)
    worker: DispatcherSettings = field(default_factory=DispatcherSettings)
    transport: TransportSettings = field(default_factory=TransportSettings)
    freshness: FreshnessPolicy = field(default_factory=FreshnessPolicy)
    documents: DocumentSettings = field(default_factory=DocumentSettings)
    rules: RuleSettings = field(default_factory=RuleSettings)
    directories: DirectorySettings = field(default_factory=DirectorySettings)
    folder: Path = Path()
    """Where the configuration file lies; not a setting."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        for key, value, words in (
            ("log_level", self.log_level, sorted(logging.getLevelNamesMapping())),
            ("environment", self.environment, ["development", "production"]),
        ):
            if value not in words:
                raise ValueError(f"{key} must be one of {', '.join(words)}, not {value!r}")

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
        """Where imported directories of partners lie, beside the configuration file."""
        return self.folder / "partners.d"

    def directory(self) -> Directory:
        """Who takes part, as configured."""
        return Directory(
            hosted=frozenset(authority.id for authority in self.authority),
            partners={
                partner.id: Partner(partner.id, partner.url, tuple(a.id for a in partner.authority))
                for partner in self.partner
            },
        )


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the configuration.

    1. The TOML file.
    2. `ECITES_*` variables lie over it: `ECITES_DATABASE`, or `ECITES_WEB__PORT` for `port` in `[web]`.
    3. Fill the settings; unknown keys are refused.
    4. Make paths absolute; check what only makes sense together.

    Raises `ConfigurationError` that names the key.
    """
    # 1
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"the configuration {path} cannot be read: {error.strerror}",
            advice="make one with: ecites init FOLDER --authority CH:MA",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the configuration {path} is not TOML: {error}") from None
    # 2
    for name, value in environment.items():
        if name.startswith(PREFIX) and name not in NOT_SETTINGS and not name.startswith(PREFIX + "TEST_"):
            _lay_over(raw, name.removeprefix(PREFIX).lower().split("__"), value, name)
    # 3
    if "folder" in raw:
        raise _unknown("folder", "", _names(Settings))
    folder = path.resolve().parent
    raw["folder"] = str(folder)
    settings: Settings = _fill(Settings, raw, "", folder)
    # 4
    _check(settings)
    return settings


def _lay_over(raw: dict[str, Any], keys: list[str], value: str, name: str) -> None:
    """Put one environment variable into the tree; text becomes the type of its field later."""
    for key in keys[:-1]:
        inner = raw.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigurationError(
                f"{name} names a list of tables, which a variable cannot change",
                advice="change it in the configuration file",
            )
        raw = inner
    raw[keys[-1]] = value


def _names(kind: type) -> list[str]:
    """The keys of a settings class."""
    return [f.name for f in fields(kind) if f.name != "folder"]


def _unknown(key: str, where: str, known: list[str]) -> ConfigurationError:
    """A key that we do not know, and the nearest one that we do."""
    near = difflib.get_close_matches(key, known, n=1)
    return ConfigurationError(
        f"unknown key {where}{key}" + (f"; did you mean {near[0]}?" if near else ""),
        advice=f"known keys here: {', '.join(sorted(known))}",
    )


def _fill(kind: type[T], raw: Any, where: str, folder: Path) -> T:
    """Make a settings dataclass from a TOML table."""
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{where.rstrip('.')} must be a table of keys")
    assert is_dataclass(kind)  # noqa: S101 - for the type checker; only settings come here
    known = {f.name: f for f in fields(kind)}
    for key in raw:
        if key not in known:
            raise _unknown(key, where, _names(kind))
    hints = typing.get_type_hints(kind)
    values = {}
    for name, each in known.items():
        if name in raw:
            values[name] = _convert(hints[name], raw[name], f"{where}{name}", folder)
        elif _required(each):
            raise ConfigurationError(
                f"the key {where}{name} is missing", advice="see docs/configuration.md for an example"
            )
    try:
        return kind(**values)
    except ValueError as error:  # a settings class refuses a value by its own rule
        raise ConfigurationError(f"{where}{error}") from None


def _required(each: Field[Any]) -> bool:
    """True when a field has no default."""
    return each.default is MISSING and each.default_factory is MISSING


def _convert(hint: Any, value: Any, where: str, folder: Path) -> Any:
    """One value, as the type of its field asks."""
    if isinstance(hint, types.UnionType):
        hint = next(arm for arm in hint.__args__ if arm is not types.NoneType)
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        if not isinstance(value, list):
            raise ConfigurationError(f"{where} must be a list")
        return tuple(_convert(item, each, f"{where}[{n}]", folder) for n, each in enumerate(value, 1))
    if typing.get_origin(hint) is Mapping:
        if not isinstance(value, dict):
            raise ConfigurationError(f"{where} must be a table of keys")
        item = typing.get_args(hint)[1]
        return {key: _convert(item, each, f"{where}.{key}", folder) for key, each in value.items()}
    if is_dataclass(hint) and hint is not AuthorityId:
        return _fill(typing.cast("type[Any]", hint), value, f"{where}.", folder)
    if hint is Path and isinstance(value, str):
        return folder / value
    if hint is AuthorityId and isinstance(value, str):
        try:
            return AuthorityId.parse(value)
        except MalformedRequest as error:
            raise ConfigurationError(f"{where}: {error.message}", advice=error.advice) from None
    return _scalar(hint, value, where)


def _scalar(hint: type, value: Any, where: str) -> Any:
    """Text, numbers, and numbers that came as text from the environment."""
    if hint is str and isinstance(value, str):
        return value
    if hint is float and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        with contextlib.suppress(ValueError):
            return float(value)
    if hint is int and isinstance(value, (int, str)) and not isinstance(value, bool):
        with contextlib.suppress(ValueError):
            return int(value)
    wanted = {str: "text", int: "a whole number"}.get(hint, "a number")
    raise ConfigurationError(f"{where} must be {wanted}, not {value!r}")


def _check(settings: Settings) -> None:
    """What only makes sense together (step 4)."""
    if not settings.authority:
        raise ConfigurationError("no [[authority]] lives here", advice='add one with id = "CH:MA"')
    seen: set[str] = set()
    names = [str(a.id) for a in settings.authority]
    names += [str(a.id) for partner in settings.partner for a in partner.authority]
    names += [partner.id for partner in settings.partner]
    for name in names:
        if name in seen:
            raise ConfigurationError(f"{name} stands twice in the configuration")
        seen.add(name)
    if (settings.gateway.key is None) != (settings.gateway.certificate is None):
        raise ConfigurationError("[gateway] needs both key and certificate, or neither")
    for authority in settings.authority:
        if (authority.key is None) != (authority.certificate is None):
            raise ConfigurationError(f"authority {authority.id} needs both key and certificate, or neither")
    if settings.worker.lease_seconds <= settings.transport.answer_seconds:
        raise ConfigurationError(
            "worker.lease_seconds must be longer than transport.answer_seconds",
            advice="otherwise another worker sends the same message while the partner may still answer",
        )
    for partner in settings.partner:
        _check_partner(partner)
    _check_tls(settings)


def _check_partner(partner: PartnerSettings) -> None:
    """A partner that can be believed and reached."""
    if not partner.certificates:
        raise ConfigurationError(
            f"partner {partner.id} has no certificate, so nothing that it sends could be believed",
            advice="ask its operator for the gateway certificate and name the file in certificates",
        )
    if ":" in partner.id or not partner.url.startswith(("http://", "https://")):
        raise ConfigurationError(f"partner {partner.id} needs an id without a colon and an http(s) url")


def _check_tls(settings: Settings) -> None:
    """What the settings about TLS only mean together (step 4)."""
    web = settings.web
    if web.client_certificates != "none" and web.tls is None and web.proxy is None:
        raise ConfigurationError(
            f'web.client_certificates is "{web.client_certificates}", but nobody could show us one',
            advice="add [web.tls], or [web.proxy] when a proxy ends TLS in front of the gateway",
        )
    if web.client_certificates == "none" and web.proxy is not None:
        raise ConfigurationError(
            'web.client_certificates is "none", so nobody would look at what [web.proxy] passes',
            advice='say client_certificates = "optional" or "required" in [web], or remove [web.proxy]',
        )
    for partner in settings.partner:
        if web.client_certificates == "required" and not partner.tls_certificates:
            raise ConfigurationError(
                f'web.client_certificates is "required", but partner {partner.id} has no tls_certificates',
                advice='register its client certificate, or say client_certificates = "optional"',
            )
        if partner.tls_server_check == "certificate" and not partner.tls_certificates:
            raise ConfigurationError(
                f"partner {partner.id} is checked by its certificate, but has no tls_certificates",
                advice="name the certificate of its server in tls_certificates",
            )
        if settings.environment != "development" and not is_safe_address(partner.url):
            raise ConfigurationError(
                f"partner {partner.id} has the url {partner.url}, which sends permits unprotected",
                advice="use https; http is for addresses of this machine itself, and for development",
            )
