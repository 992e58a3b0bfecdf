"""
The configuration: one TOML file and `ECITES_*` variables, read once.

Each package declares its own settings beside the code that they steer; `settings.py` joins them, `filling.py`
fills them and refuses what it does not know, `checks.py` looks at what only makes sense together.
`docs/configuration.md` has an example with every key.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.config.checks import check
from gateway.config.filling import NOT_KEYS, fill, names, unknown
from gateway.config.partner_files import read_partner_files
from gateway.config.settings import Settings
from gateway.errors import ConfigurationError

__all__ = ["Settings", "load"]

PREFIX = "ECITES_"
NOT_SETTINGS = ("ECITES_CONFIG", "ECITES_DEBUG", "ECITES_LANGUAGE", "ECITES_SPECIES")
"""Variables of the command line: where things are, in which language to speak, whether to show tracebacks."""


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the configuration.

    1. The TOML file.
    2. `ECITES_*` variables lie over it: `ECITES_DATABASE`, or `ECITES_WEB__PORT` for `port` in `[web]`.
    3. Fill the settings, with absolute paths; unknown keys are refused.
    4. The partners that have a file of their own (`ecites partner add`).
    5. Check what only makes sense together.

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
    for key in NOT_KEYS & set(raw):
        raise unknown(key, "", names(Settings))
    folder = path.resolve().parent
    raw |= {"folder": str(folder), "file": str(path.resolve())}
    settings: Settings = fill(Settings, raw, "", folder)
    # 4
    files = read_partner_files(settings.directory_folder)
    settings = replace(settings, partner=settings.partner + files)
    # 5
    check(settings)
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
