"""What a test needs from the machine: skip without it, or fail when everything is required."""

import importlib
import os
import shutil
from types import ModuleType

import pytest

REQUIRE_ALL = "ECITES_TEST_REQUIRE_ALL"
"""Set to 1 where every tool is installed: a test that cannot run is then a failure, not a skip."""


def missing(what: str) -> None:
    """Skip the test, or fail it when the environment says that nothing may be missing."""
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{what} is missing and {REQUIRE_ALL}=1 asks for everything")
    pytest.skip(f"{what} is not installed")


def program(name: str) -> str:
    """The path of an installed program; servers lie where the PATH of a user often does not look."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        missing(f"the program {name}")
    return found or ""


def module(name: str) -> ModuleType:
    """An installed Python module, imported now and not when the tests are collected."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(f"the Python module {name}")
        raise
