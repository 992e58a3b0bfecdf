"""Partners with a file of their own: `ecites init` makes one for others, `ecites partner add` takes it in."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from gateway.config.filling import fill
from gateway.config.settings import ChannelSettings, PartnerAuthoritySettings, PartnerSettings
from gateway.errors import ConfigurationError
from gateway.exchange.retry import RetryPolicy

SUFFIX = ".toml"


def read_partner_files(folder: Path) -> tuple[PartnerSettings, ...]:
    """
    The partners of every file in the folder, in the order of their names; the folder need not exist.

    Raises `ConfigurationError` that names the file.
    """
    partners = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        partner = read_partner_file(file)
        if file.stem != partner.id:
            raise ConfigurationError(
                f"{file} registers the partner {partner.id}",
                advice=f"call the file {partner.id}{SUFFIX}: one partner, one file",
            )
        partners.append(partner)
    return tuple(partners)


def read_partner_file(file: Path) -> PartnerSettings:
    """
    The one partner that a file registers; the certificates that it names lie beside it.

    Raises `ConfigurationError` that names the file and the key.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None
    tables = raw.get("partner")
    if set(raw) != {"partner"} or not isinstance(tables, list) or len(tables) != 1:
        raise ConfigurationError(
            f"{file} must hold one table [[partner]] and nothing else",
            advice="ask the partner for the file that its `ecites init` made: public/NAME.partner.toml",
        )
    partner: PartnerSettings = fill(
        PartnerSettings, tables[0], f"{file.name}: partner.", file.resolve().parent
    )
    return partner


def write_partner(partner: PartnerSettings) -> str:
    """The text of the file that registers a partner; its paths are written as they are."""
    lines = ["[[partner]]", *_pairs(partner)]
    if partner.delivery is not None:
        lines += ["", "[partner.delivery]", *_pairs(partner.delivery)]
    for authority in partner.authority:
        lines += ["", "[[partner.authority]]", *_pairs(authority)]
    for channel in partner.channel:
        lines += ["", "[[partner.channel]]", *_pairs(channel)]
    return "\n".join(lines) + "\n"


def _pairs(
    table: PartnerSettings | PartnerAuthoritySettings | ChannelSettings | RetryPolicy,
) -> Iterator[str]:
    """What a table says beyond the defaults, a line for each key; inner tables come after it."""
    for each in fields(table):
        value = getattr(table, each.name)
        inner = isinstance(value, RetryPolicy) or (
            each.name in ("authority", "channel") and isinstance(value, tuple)
        )
        if not inner and (each.default is MISSING or value != each.default):
            yield f"{each.name} = {_value(value)}"


def _value(value: object) -> str:
    """A value in TOML; its texts are escaped as those of JSON are."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)
