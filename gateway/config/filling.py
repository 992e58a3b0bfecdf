"""TOML tables become settings; a key that nobody knows is refused, and what was meant is suggested."""

import contextlib
import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from gateway.errors import ConfigurationError, MalformedRequest
from gateway.permits.identity import AuthorityId

T = TypeVar("T")

NOT_KEYS = frozenset({"folder", "file"})
"""Fields that say where the configuration lies; nobody sets them."""


def names(kind: type) -> list[str]:
    """The keys of a settings class."""
    return [f.name for f in fields(kind) if f.name not in NOT_KEYS]


def unknown(key: str, where: str, known: list[str]) -> ConfigurationError:
    """A key that we do not know, and the nearest one that we do."""
    near = difflib.get_close_matches(key, known, n=1)
    return ConfigurationError(
        f"unknown key {where}{key}" + (f"; did you mean {near[0]}?" if near else ""),
        advice=f"known keys here: {', '.join(sorted(known))}",
    )


def fill(kind: type[T], raw: Any, where: str, folder: Path) -> T:
    """Make a settings dataclass from a TOML table."""
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{where.rstrip('.')} must be a table of keys")
    assert is_dataclass(kind)  # noqa: S101 - for the type checker; only settings come here
    known = {f.name: f for f in fields(kind)}
    for key in raw:
        if key not in known:
            raise unknown(key, where, names(kind))
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
        return fill(typing.cast("type[Any]", hint), value, f"{where}.", folder)
    if hint is Path and isinstance(value, str):
        return folder / value
    return _scalar(hint, value, where)


def _scalar(hint: type, value: Any, where: str) -> Any:
    """Ids, words of a closed list, text, and numbers, which come as text from the environment."""
    if hint is AuthorityId and isinstance(value, str):
        try:
            return AuthorityId.parse(value)
        except MalformedRequest as error:
            raise ConfigurationError(f"{where}: {error.message}", advice=error.advice) from None
    if issubclass(hint, StrEnum):
        if value not in set(hint):
            raise ConfigurationError(f"{where} must be one of {', '.join(hint)}, not {value!r}")
        return hint(value)
    return _plain(hint, value, where)


def _plain(hint: type, value: Any, where: str) -> Any:
    """Text, true or false, numbers, and numbers that came as text from the environment."""
    if hint in (str, bool) and isinstance(value, hint):
        return value
    if hint is float and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        with contextlib.suppress(ValueError):
            return float(value)
    if hint is int and isinstance(value, (int, str)) and not isinstance(value, bool):
        with contextlib.suppress(ValueError):
            return int(value)
    wanted = {str: "text", int: "a whole number", bool: "true or false"}.get(hint, "a number")
    raise ConfigurationError(f"{where} must be {wanted}, not {value!r}")
