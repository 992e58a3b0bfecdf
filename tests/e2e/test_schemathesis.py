"""Schemathesis, a tester of APIs that nobody here wrote, against a real gateway and its own document."""

import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from hypothesis import settings
from support.commands import ecites

from gateway import clock
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode
from gateway.cli.demonstration.permits import LEATHER, make_permit

pytestmark = pytest.mark.e2e

TOOL = Path(sys.executable).with_name("schemathesis")
NO_LIMITS = {"ECITES_WEB__REQUESTS_PER_SECOND": "0", "ECITES_WEB__STRANGER_REQUESTS_PER_SECOND": "0"}
EXAMPLES = settings.default.max_examples // 10
"""For each operation and phase; `make soak` has forty times as many."""

MORE_THAN_A_SCHEMA = """
[[operations]]
include-operation-id = "{name}"
checks.positive_data_acceptance.enabled = false
"""
"""What fits the document may be refused: OpenAPI cannot say what an XSD says, nor which text is printable."""

ABOUT_A_PERMIT = ("validity", "form", "endorse", "reverse", "status", "ledger")
"""Operations whose bodies name a permit by its number."""

GIVEN = """
[[operations]]
include-operation-id = "{name}"
parameters = {{ {parameters} }}
"""
"""Ids of what is there, so that what is found is tested too, and no waiting at a mailbox."""


@dataclass(frozen=True, slots=True)
class Served:
    """A real gateway with something in it."""

    node: DemoNode
    submission: str
    item: str
    """In the inbox of CH:CUSTOMS."""
    message: str
    """In the mailbox of fr."""
    partner_token: str


@pytest.fixture
async def served(network: dict[str, DemoNode]) -> AsyncIterator[Served]:
    """Switzerland, with one permit submitted, and a mailbox for France in which its envelope waits."""
    node = network["CH"]
    (partner,) = (node.folder / "partners.d").glob("*.toml")
    text = partner.read_text(encoding="utf-8")
    partner.write_text(text.replace("\n[[partner.authority]]", "mailbox = true\n\n[[partner.authority]]", 1))
    node.environment = NO_LIMITS
    token = (await ecites("token", "new", "--partner", "fr", "--config", node.config))["token"]
    node.start()
    try:
        async with aiohttp.ClientSession() as session:
            await node.ready(session)
            _, taken = await Client(session, node, "CH:MA").submit(make_permit("CH-1", LEATHER, clock.now()))
            (item,) = await Client(session, node, "CH:CUSTOMS").inbox()
        (message,) = [each["message_id"] for each in taken["deliveries"] if each["partner"]]
        yield Served(node, taken["id"], item["id"], message, token)
    finally:
        node.stop()


def run(served: Served, folder: Path, token: str, paths: str, config: str) -> None:
    """Every phase and every check of the tool on the operations at some paths; fails with what it prints."""
    file = folder / "schemathesis.toml"
    file.write_text(config, encoding="utf-8")
    ended = subprocess.run(  # noqa: S603 - the program beside our own python
        [
            *(TOOL, "--config-file", file, "--no-color"),
            *("run", f"{served.node.url}/api/v1/openapi.json", "--include-path-regex", paths),
            *("--header", f"Authorization: Bearer {token}", "--warnings", "off"),
            *("--seed", "20261124", "--generation-deterministic", "--max-examples", str(EXAMPLES)),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "No issues found" in ended.stdout, ended.stdout


def given(name: str, **parameters: str) -> str:
    """Fixed parameters of one operation."""
    said = ", ".join(
        f'"{key.replace("_", ".")}" = {value if value.isdigit() else repr(value)}'
        for key, value in parameters.items()
    )
    return GIVEN.format(name=name, parameters=said)


def test_schemathesis_finds_nothing(served: Served, tmp_path: Path) -> None:
    """
    Status codes, content types, headers, members, wrong methods, missing tokens: all as the document says.

    1. A Management Authority: a submission that is there, inbox items that are not.
    2. Customs: an inbox item that is there, submissions that are not.
    3. The door for partners: a message that waits, envelopes and receipts of strangers.
    """
    # 1
    mine = (
        "".join(MORE_THAN_A_SCHEMA.format(name=name) for name in ("submit", *ABOUT_A_PERMIT))
        + given("submission", path_id=served.submission)
        + given("events", query_wait="0")
    )
    run(served, tmp_path, served.node.tokens["CH:MA"], "^/(api|healthz)", mine)
    # 2
    items = "".join(given(name, path_id=served.item) for name in ("inbox-item", "inbox-acknowledge"))
    items += "".join(MORE_THAN_A_SCHEMA.format(name=name) for name in ABOUT_A_PERMIT)
    items += given("events", query_wait="0")
    run(served, tmp_path, served.node.tokens["CH:CUSTOMS"], "^/api", items)
    # 3
    door = (
        "".join(MORE_THAN_A_SCHEMA.format(name=name) for name in ("exchange", "mailbox-receipt"))
        + given("mailbox", query_wait="0")
        + given("mailbox-message", path_id=served.message)
    )
    run(served, tmp_path, served.partner_token, "^/exchange", door)
