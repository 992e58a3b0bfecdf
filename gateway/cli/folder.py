"""Making a working folder: keys, configuration, database, tokens."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway import clock
from gateway.config.partner_files import write_partner
from gateway.config.settings import PartnerAuthoritySettings, PartnerSettings
from gateway.errors import ConfigurationError
from gateway.permits.identity import AuthorityId, Role
from gateway.signatures.keys import new_development_key, write_key_files
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.tokens import new_token
from gateway.storage.unit_of_work import Database

CONFIG_NAME = "ecites.toml"
DATABASE_NAME = "ecites.db"


@dataclass(frozen=True, slots=True)
class NewFolder:
    """What was made; the tokens are shown once and only their hashes are kept."""

    config: Path
    tokens: dict[str, str]
    """Bearer token by authority."""
    partner_file: Path
    """The [[partner]] table for the other side, beside the certificates that it names."""


def make_folder(
    folder: Path,
    authorities: Sequence[AuthorityId],
    *,
    port: int,
    algorithm: str = "ec",
    database: str = "",
    name: str = "",
    told_port: int = 0,
) -> NewFolder:
    """
    Make a working folder for one gateway with throw-away development keys.

    Partners register it under `name`, or under the first Party; they are told `told_port` where something
    stands before its own.

    1. Refuse a folder that has a configuration.
    2. A key for the gateway and a seal for each Management Authority.
    3. What partners need: public certificates and the table that registers us.
    4. The configuration.
    5. The database, with one token per authority; without an address it is a SQLite file in the folder.

    Raises `ConfigurationError` or `StorageError`.
    """
    # 1
    config = folder / CONFIG_NAME
    if config.exists():
        raise ConfigurationError(
            f"{config} exists already", advice="choose another folder; a working one is never overwritten"
        )
    (folder / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "public").mkdir(exist_ok=True)
    # 2
    party = authorities[0].party
    node = name or party.lower()
    _make_key(folder, "gateway", f"{node} gateway", party, algorithm)
    for authority in authorities:
        if authority.role is Role.MA:
            _make_key(folder, _file_name(authority), str(authority), authority.party, algorithm)
    # 3
    partner_file = folder / "public" / f"{node}.partner.toml"
    partner_file.write_text(_partner_table(node, authorities, told_port or port), encoding="utf-8")
    # 4
    if database:
        config.touch(mode=0o600)  # the address may hold a password
    text = _configuration(authorities, port, database or f"sqlite:///{DATABASE_NAME}")
    config.write_text(text, encoding="utf-8")
    # 5
    if not database:
        (folder / DATABASE_NAME).touch(mode=0o600)
        database = f"sqlite:///{(folder / DATABASE_NAME).resolve()}"
    tokens = {str(authority): new_token() for authority in authorities}
    asyncio.run(_make_database(database, tokens))
    return NewFolder(config, tokens, partner_file)


def _file_name(authority: AuthorityId) -> str:
    """`CH:MA` becomes `ch-ma`."""
    return str(authority).replace(":", "-").lower()


def _make_key(folder: Path, name: str, subject: str, party: str, algorithm: str) -> None:
    """One key, its certificate, and a copy of the certificate for partners."""
    key = new_development_key(subject, party, at=clock.now(), algorithm=algorithm)
    certificate = folder / "keys" / f"{name}.crt.pem"
    write_key_files(key, folder / "keys" / f"{name}.key.pem", certificate)
    (folder / "public" / certificate.name).write_bytes(certificate.read_bytes())


def _partner_table(node: str, authorities: Sequence[AuthorityId], port: int) -> str:
    """How a partner registers this gateway; the certificates lie beside the file."""
    partner = PartnerSettings(
        id=node,
        url=f"http://127.0.0.1:{port}/exchange/v1/messages",
        certificates=(Path("gateway.crt.pem"),),
        authority=tuple(
            PartnerAuthoritySettings(
                authority,
                (Path(f"{_file_name(authority)}.crt.pem"),) if authority.role is Role.MA else (),
            )
            for authority in authorities
        ),
    )
    return (
        "# For a partner, together with the certificates beside this file. It takes them in with:\n"
        f"#   ecites partner add {node}.partner.toml --reason WHY\n" + write_partner(partner)
    )


def _configuration(authorities: Sequence[AuthorityId], port: int, database: str) -> str:
    """The configuration of the new gateway."""
    lines = [
        "# Configuration of an eCITES gateway. Every key: docs/configuration.md",
        "# ECITES_* variables lie over it, for example ECITES_WEB__PORT=8400.",
        "",
        "# development allows the throw-away keys that `ecites init` made; production refuses them.",
        'environment = "development"',
        f"database = {json.dumps(database)}",
        "",
        "[gateway]",
        'key = "keys/gateway.key.pem"',
        'certificate = "keys/gateway.crt.pem"',
        "",
        "[web]",
        'host = "127.0.0.1"',
        f"port = {port}",
    ]
    for authority in authorities:
        lines += ["", "[[authority]]", f'id = "{authority}"']
        if authority.role is Role.MA:
            name = _file_name(authority)
            lines += [f'key = "keys/{name}.key.pem"', f'certificate = "keys/{name}.crt.pem"']
    lines += ["", "# Partners lie in partners.d, where `ecites partner add` puts them.", ""]
    return "\n".join(lines)


async def _make_database(url: str, tokens: dict[str, str]) -> None:
    """The tables, and the hashes of the tokens."""
    engine = open_engine(url, hurried=False)
    database = Database(engine)
    try:
        await upgrade(engine)
        async with database.write() as transaction:
            for authority, token in tokens.items():
                await transaction.tokens.add(token, AuthorityId.parse(authority), clock.now())
    finally:
        await database.close()
