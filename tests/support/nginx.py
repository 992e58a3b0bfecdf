"""The nginx of docs/operations.md as a real process: its lines are read there, so the two cannot differ."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.transport.tls import OwnCertificate
from support.requirements import program

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
CHAPTER = "## Behind a proxy"
PATIENCE = 30.0

_AROUND = """\
daemon off;
master_process off;  # one process, with the rights of whoever runs the tests
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}}}
"""
"""What a distribution's nginx.conf has around a server."""


def documented(language: str) -> str:
    """The one block of a language in the chapter about proxies; the block of nginx has none."""
    text = DOCUMENT.read_text(encoding="utf-8")
    chapter = text.partition(f"\n{CHAPTER}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    (found,) = [block for named, block in blocks if named == language]
    return str(found)


def put(text: str, places: dict[str, str]) -> str:
    """
    A text of the document with what is said there by way of example replaced.

    Raises `ValueError` for something that does not stand there any more.
    """
    for old, new in places.items():
        if old not in text:
            raise ValueError(f"{DOCUMENT.name} has no {old!r} any more")
        text = text.replace(old, new)
    return text


@asynccontextmanager
async def running_nginx(
    folder: Path, port: int, gateway: int, secret: str, shows: OwnCertificate
) -> AsyncIterator[None]:
    """
    The documented server at one port of loopback, before the gateway at another, until the block is left.

    `shows` are the certificate and the key of the server, `secret` is what the gateway reads from its file.
    Raises `RuntimeError` with what nginx says when it does not start.
    """
    places = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ecites/tls.crt.pem": str(shows.certificate),
        "/etc/ecites/tls.key.pem": str(shows.key),
        "127.0.0.1:8400": f"127.0.0.1:{gateway}",
        "THE SECRET": secret,
    }
    process = _start(folder, put(documented(""), places))
    try:
        await _listening(port, process, folder)
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, PATIENCE)


def _start(folder: Path, server: str) -> "subprocess.Popen[bytes]":
    """One process with its files in a new folder."""
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(_AROUND.format(folder=folder, server=server), encoding="utf-8")
    command = [program("nginx"), "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    with (folder / "output.log").open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - an installed nginx with our own file
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def _said(folder: Path) -> str:
    """What the process wrote."""
    return "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.log")))


async def _listening(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait until somebody may connect."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"nginx ended with {process.returncode}: {_said(folder)}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
