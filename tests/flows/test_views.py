"""An answer about a permit holds what its audience may see, whoever asks."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.exchange import CH_MA, FR_CUSTOMS
from support.gateways import SetClock, log_of, swiss
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.flows.check import Validity, check
from gateway.flows.give_notice import give_notice
from gateway.flows.issue import issue
from gateway.flows.look import look
from gateway.flows.ports import Node, Trail
from gateway.flows.validity_shape import _whole, validity_as_dict
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.permits.views import MEMBERS, Audience

REF = PermitRef("CH", "CH-2026-000123")


@pytest.fixture
async def ch() -> Node:
    """A gateway with a permit that was amended."""
    node = swiss(MemoryStorage(), SetClock())
    await issue(permit_bytes(REF.number), CH_MA, "", node, Trail())
    await give_notice(
        lambda new_id, by, at: StatusChange(new_id, REF, by, at, status=PermitStatus.AMENDED, reason="test"),
        REF,
        CH_MA,
        "",
        "",
        node,
        Trail(),
    )
    return node


def members(answer: Mapping[str, Any]) -> set[str]:
    """Every member, and those of the objects in its lists; reasons have a table of their own."""
    parts = {
        f"{name}.{key}"
        for name, value in answer.items()
        if isinstance(value, list) and name != "reasons"
        for each in value
        for key in each
    }
    return set(answer) | parts


async def asked(ch: Node, caller: str) -> Validity:
    """Somebody asks."""
    return await check(REF, AuthorityId.parse(caller), ch, Trail())


async def test_the_table_knows_every_member(ch: Node) -> None:
    """What is put together is in the table, and nothing else is."""
    whole = _whole(await asked(ch, "CH:MA"), "en")
    assert members(whole) == set(MEMBERS)


@pytest.mark.parametrize(
    ("caller", "audience"),
    [
        ("CH:CUSTOMS", Audience.ISSUING),
        ("FR:CUSTOMS", Audience.CONCERNED),
        ("DE:MA", Audience.FOREIGN_MA),
        ("DE:CUSTOMS", Audience.FOREIGN_CUSTOMS),
    ],
)
async def test_each_caller_gets_its_view(ch: Node, caller: str, audience: Audience) -> None:
    """Neither more nor less, and the log says as what it looked."""
    answer = validity_as_dict(await asked(ch, caller))
    assert members(answer) == {name for name, audiences in MEMBERS.items() if audience in audiences}
    assert answer["view"] == audience.value
    (entry,) = await log_of(ch, kind="asked")
    assert entry.detail.startswith(f"seen as {audience.value}; ")


async def test_a_look_at_the_ledger_is_logged_with_its_view(ch: Node) -> None:
    """As the other looks are."""
    await look(REF, FR_CUSTOMS, ch, Trail())
    (entry,) = await log_of(ch, kind="asked")
    assert (entry.outcome, entry.detail) == ("ledger", "seen as importing-party")
