"""Gateways as real processes on free loopback ports, each in a folder of its own."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from gateway.cli.folder import make_folder
from gateway.cli.partner_changes import add, read_new
from gateway.config import load
from gateway.errors import DemonstrationFailed
from gateway.flows.author import Author
from gateway.permits.identity import AuthorityId, Role

READY_SECONDS = 90.0
"""A gateway starts in about one; a loaded machine may need more."""


@dataclass(slots=True)
class DemoNode:
    """One gateway: its folder, its tokens, and its process while it runs."""

    name: str
    folder: Path
    config: Path
    port: int
    tokens: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = field(default=None)
    arguments: tuple[str, ...] = ()
    """More words for `ecites serve`."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that lie over its configuration."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        """What the process writes."""
        return self.folder / "gateway.log"

    def start(self) -> None:
        """Start the process; its log goes into the folder."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program with our own file
                [sys.executable, "-m", "gateway", "serve", "--config", str(self.config), *self.arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """
        Wait until it answers.

        Raises `DemonstrationFailed` when the process ends or stays silent.
        """
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not await self._answers(session):
                    if self.process is None or self.process.poll() is not None:
                        raise DemonstrationFailed(f"gateway {self.name} ended; see {self.log_file}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise DemonstrationFailed(f"gateway {self.name} does not answer; see {self.log_file}") from None

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        """Whether the health page is there."""
        try:
            async with session.get(f"{self.url}/healthz") as answer:
                return answer.status == 200  # noqa: PLR2004 - RFC 9110, 15.3.1
        except aiohttp.ClientError:
            return False

    def stop(self) -> None:
        """End it in order; kill it when it does not end."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def make_network(
    folder: Path, parties: Sequence[str], *, extra: str = "", databases: Mapping[str, str] | None = None
) -> dict[str, DemoNode]:
    """
    Make one gateway per Party, with Management Authority and customs, that all know each other.

    `extra` is added to each configuration; a Party that is not in `databases` has a SQLite file. Nothing is
    started yet.
    """
    return make_gateways(
        folder, {party: authorities_of(party) for party in parties}, extra=extra, databases=databases
    )


def authorities_of(party: str) -> tuple[AuthorityId, ...]:
    """Its Management Authority and its customs."""
    return AuthorityId(party, Role.MA), AuthorityId(party, Role.CUSTOMS)


def make_gateways(
    folder: Path,
    hosted: Mapping[str, Sequence[AuthorityId]],
    *,
    extra: str = "",
    databases: Mapping[str, str] | None = None,
    told_ports: Mapping[str, int] | None = None,
) -> dict[str, DemoNode]:
    """
    Make gateways that all know each other, by their names; each hosts some authorities.

    Partners are told another port than its own of a gateway in `told_ports`. Otherwise as `make_network`.
    """
    nodes = {}
    for name, authorities in hosted.items():
        port = free_port()
        place = folder / name.lower()
        made = make_folder(
            place,
            authorities,
            port=port,
            database=(databases or {}).get(name, ""),
            name=name.lower(),
            told_port=(told_ports or {}).get(name, 0),
        )
        nodes[name] = DemoNode(name, place, made.config, port, made.tokens)
    for node in nodes.values():
        for other in nodes.values():
            if other is not node:
                introduce(node, other)
        if extra:
            with node.config.open("a", encoding="utf-8") as config:
                config.write(f"\n{extra}\n")
    return nodes


def introduce(node: DemoNode, other: DemoNode, *, replacing: bool = False) -> None:
    """Register `other` at `node`, as its operator would with `ecites partner add`."""
    settings = load(node.config)
    file = other.folder / "public" / f"{other.name.lower()}.partner.toml"
    add(read_new(file, settings, replacing=replacing), settings, Author("demo", "the demonstration needs it"))


def free_port() -> int:
    """A loopback port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
