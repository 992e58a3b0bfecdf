"""A partner's message that is not of now."""

from datetime import timedelta

import pytest
from support.gateways import SetClock, envelope, log_of
from support.keys import NOW

from gateway.errors import MessageNotFresh
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive


@pytest.mark.parametrize("minutes", [10, -11 * 24 * 60])
async def test_a_message_from_another_time_is_turned_away_and_not_kept(minutes: int, fr: Node) -> None:
    """Nothing of it is stored, so that it can come again when the clocks are right."""
    data = envelope(sent_at=NOW + timedelta(minutes=minutes))
    with pytest.raises(MessageNotFresh):
        await receive(data, fr, Trail())
    assert fr.storage.state.messages == {}  # type: ignore[attr-defined]
    assert await log_of(fr) == []


async def test_it_passes_once_the_clocks_are_right(fr: Node, clock: SetClock) -> None:
    """The sender sends the same bytes again ten minutes later."""
    data = envelope(sent_at=NOW + timedelta(minutes=10))
    with pytest.raises(MessageNotFresh):
        await receive(data, fr, Trail())
    clock.forward(minutes=10)
    assert await receive(data, fr, Trail())


async def test_a_known_message_gets_its_receipt_however_old(fr: Node, clock: SetClock) -> None:
    """Promise 2 holds for the whole retention period."""
    data = envelope()
    first = await receive(data, fr, Trail())
    clock.forward(days=60)
    assert await receive(data, fr, Trail()) == first
