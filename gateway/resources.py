"""Finds the data that the program needs: `schemas/` in a checkout, or its copy inside the wheel."""

from functools import cache
from pathlib import Path

from gateway.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent


@cache
def schemas() -> Path:
    """
    The folder with the XSDs and the code lists.

    Raises `ConfigurationError` when the installation has lost it.
    """
    for candidate in (_PACKAGE / "_schemas", _PACKAGE.parent / "schemas"):
        if (candidate / "codelists").is_dir():
            return candidate
    raise ConfigurationError(
        "the folder schemas/ is missing from this installation",
        advice="install the package again: the schemas travel inside the wheel",
    )
