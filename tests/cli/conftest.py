"""Running commands in this process: quick, with the real `main`."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli import main

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ecites(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `ecites ARGUMENTS`; returns exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecites", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        out, err = capfd.readouterr()
        return (code if isinstance(code, int) else 0), out, err

    return run
