"""Acts on deliveries: what is shown is done, with a reason, within the boundary, and nothing else."""

import re

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import log_of
from support.keys import NOW

from gateway.exchange.delivery import DeliveryState
from gateway.people.rights import Post
from gateway.web.console import delivery_acts

LIST = "/console/deliveries"
PREVIEW, ACT = LIST + "/preview", LIST + "/act"
REASON = ("reason", "the partner has mended it")


def hidden(text, name):
    """The values of the hidden fields of that name."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', text)


def confirmed(text):
    """The fields that the form of a preview sends, without the token."""
    names = ("act", "which", "id", "up_to", "as_of", "found", "state", "error", "partner", "number")
    return [(name, value) for name in names for value in hidden(text, name)]


async def test_nothing_is_done_before_it_was_shown_and_confirmed(ch, desk):
    """The page with the preview changes nothing; its form does what it says, with name and reason."""
    record = desk.records["dead-one"]
    woken = []
    ch.node.wake = lambda: woken.append(True)
    visitor = sign_in(ch, Post.OPERATOR)
    status, _, text = await visitor.send(PREVIEW, ("act", "requeue"), ("which", "chosen"), ("id", record.id))
    assert status == 200
    assert "Deliveries that this would be done to: 1" in text
    assert (await desk.now("dead-one")).state is DeliveryState.DEAD
    status, headers, _ = await visitor.send(ACT, *confirmed(text), REASON)
    assert (status, headers["Location"]) == (303, f"{LIST}/{record.id}?done=requeue&count=1&of=1")
    after = await desk.now("dead-one")
    assert (after.state, after.requeued_at) == (DeliveryState.QUEUED, NOW)
    assert (await desk.now("dead-two")).state is DeliveryState.DEAD
    (entry,) = await log_of(ch.node, kind="operated")
    assert (entry.actor, entry.outcome) == ("Ada", "requeued")
    assert entry.detail.startswith("the partner has mended it; it was dead")
    assert woken == [True]
    _, _, text = await visitor.see(headers["Location"])
    assert "Done: Send again. Deliveries: 1." in text


async def test_a_bulk_act_does_what_the_preview_shows(ch, desk):
    """All that the search finds; what dies afterwards is not touched, although the search finds it too."""
    visitor = sign_in(ch, Post.OPERATOR)
    search = (("state", "dead-letters"), ("error", "partner_answered_wrongly"))
    _, _, text = await visitor.send(PREVIEW, ("act", "requeue"), ("which", "all"), *search)
    assert hidden(text, "found") == ["3"]
    ch.node.clock.forward(minutes=1)
    older = {"state": DeliveryState.DEAD, "error_code": "partner_answered_wrongly"}
    await desk.put("died-later", created_at=NOW.replace(hour=1), settled_at=ch.node.clock.now(), **older)
    await desk.put("came-later", created_at=NOW, settled_at=NOW, **older)
    status, headers, _ = await visitor.send(ACT, *confirmed(text), REASON)
    assert status == 303
    assert headers["Location"].endswith("done=requeue&count=3&of=3")
    states = {name: (await desk.now(name)).state for name in desk.records}
    assert {name for name, state in states.items() if state is DeliveryState.QUEUED} == {
        "dead-one",
        "dead-two",
        "customs-dead",
        "queued",
    }
    assert len(await log_of(ch.node, kind="operated")) == 3


async def test_a_bulk_act_stays_within_the_boundary(ch, desk):
    """Shown and done: only what is theirs, also when an id of another one is guessed."""
    customs = sign_in(ch, Post.OPERATOR, CH_CUSTOMS)
    _, _, text = await customs.send(PREVIEW, ("act", "drop"), ("which", "all"))
    assert hidden(text, "found") == ["1"]
    stolen = [("up_to", "z"), ("as_of", NOW.isoformat()), ("found", "9"), REASON]
    guessed = [("id", each.id) for each in desk.records.values()]
    for which in ([("which", "all")], [("which", "chosen"), *guessed]):
        status, *_ = await customs.send(ACT, ("act", "drop"), *which, *stolen)
        assert status == 303
    dropped = {name for name in desk.records if (await desk.now(name)).state is DeliveryState.DROPPED}
    assert dropped == {"customs-dead"}


async def test_a_permit_number_narrows_a_bulk_act(ch, desk):
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.send(PREVIEW, ("act", "drop"), ("which", "all"), ("number", "CH-dead-two"))
    assert hidden(text, "found") == ["1"]
    status, headers, _ = await visitor.send(ACT, *confirmed(text), REASON)
    assert status == 303
    assert "dead-two" not in headers["Location"]
    assert (await desk.now("dead-two")).state is DeliveryState.DROPPED
    assert (await desk.now("dead-one")).state is DeliveryState.DEAD


async def test_retry_makes_what_waits_due(ch, desk):
    await desk.put("later", next_attempt_at=NOW.replace(hour=23))
    visitor = sign_in(ch, Post.OPERATOR)
    record = desk.records["later"]
    _, _, text = await visitor.send(PREVIEW, ("act", "retry"), ("which", "chosen"), ("id", record.id))
    await visitor.send(ACT, *confirmed(text), REASON)
    assert (await desk.now("later")).next_attempt_at == NOW


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
async def test_without_a_reason_nothing_is_done(ch, desk, reason):
    """The page is drawn again, with what was chosen."""
    visitor = sign_in(ch, Post.OPERATOR)
    record = desk.records["dead-one"]
    _, _, text = await visitor.send(PREVIEW, ("act", "drop"), ("which", "chosen"), ("id", record.id))
    status, _, again = await visitor.send(ACT, *confirmed(text), ("reason", reason))
    assert status == 422
    assert "A reason is needed" in again
    assert hidden(again, "id") == [record.id]
    assert (await desk.now("dead-one")).state is DeliveryState.DEAD


async def test_what_changed_meanwhile_is_told(ch, desk):
    """Somebody else was quicker with one of two."""
    visitor = sign_in(ch, Post.OPERATOR)
    ids = [("id", desk.records[name].id) for name in ("dead-one", "dead-two")]
    _, _, text = await visitor.send(PREVIEW, ("act", "drop"), ("which", "chosen"), *ids)
    _, _, other = await visitor.send(PREVIEW, ("act", "drop"), ("which", "chosen"), ids[0])
    await visitor.send(ACT, *confirmed(other), REASON)
    _, headers, _ = await visitor.send(ACT, *confirmed(text), REASON)
    _, _, told = await visitor.see(headers["Location"])
    assert "Deliveries: 1; 1 had changed meanwhile" in told


async def test_an_act_that_fits_no_state_does_nothing(ch, desk):
    visitor = sign_in(ch, Post.OPERATOR)
    record = desk.records["done"]
    _, _, text = await visitor.send(PREVIEW, ("act", "drop"), ("which", "chosen"), ("id", record.id))
    assert "nothing that this could be done to" in text
    assert hidden(text, "act") == []


async def test_of_very_many_the_oldest_are_shown_and_done(ch, desk, monkeypatch):
    monkeypatch.setattr(delivery_acts, "MOST", 2)
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.send(PREVIEW, ("act", "drop"), ("which", "all"), ("state", "dead"))
    assert hidden(text, "found") == ["2"]
    assert "There are more than 2" in text
    await visitor.send(ACT, *confirmed(text), REASON)
    assert {name for name in desk.records if (await desk.now(name)).state is DeliveryState.DROPPED} == {
        "dead-two",
        "customs-dead",
    }


@pytest.mark.parametrize("path", [PREVIEW, ACT])
async def test_only_our_own_form_from_somebody_who_may_act(ch, desk, path):
    """A forged form, and a post that may only look."""
    fields = [
        ("act", "drop"),
        ("which", "all"),
        ("up_to", "z"),
        ("as_of", NOW.isoformat()),
        ("found", "1"),
        REASON,
    ]
    status, _, text = await sign_in(ch, Post.OPERATOR).send(path, *fields, csrf="guessed")
    assert status == 403
    assert "nothing was done" in text
    for post in (Post.AUDITOR, Post.MA_OFFICER, Post.ADMINISTRATOR, Post.CUSTOMS_OFFICER):
        assert (await sign_in(ch, post, CH_MA).send(path, *fields))[0] == 403
    assert (await desk.now("dead-one")).state is DeliveryState.DEAD


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [("act", "burn"), ("which", "all")],
        [("act", "drop"), ("which", "chosen")],
        [("act", "drop"), ("which", "chosen"), ("id", "<b>")],
        [("act", "drop"), ("which", "chosen"), *(("id", f"a{n}") for n in range(201))],
        [("act", "drop"), ("which", "all"), ("state", "nonsense")],
    ],
    ids=range(6),
)
async def test_a_wish_that_makes_no_sense_is_turned_away(ch, desk, fields):
    visitor = sign_in(ch, Post.OPERATOR)
    assert (await visitor.send(PREVIEW, *fields))[0] == 400
    assert (await visitor.send(ACT, *fields, ("up_to", "z"), ("found", "1"), REASON))[0] == 400


async def test_an_act_without_what_was_seen_is_turned_away(ch, desk):
    """An act that nobody has previewed would be about nobody knows what."""
    visitor = sign_in(ch, Post.OPERATOR)
    for fields in ([], [("up_to", "z"), ("found", "1")], [("as_of", NOW.isoformat()), ("found", "1")]):
        assert (await visitor.send(ACT, ("act", "drop"), ("which", "all"), *fields, REASON))[0] == 400
    assert (await desk.now("dead-one")).state is DeliveryState.DEAD


async def test_what_stands_in_an_address_is_not_repeated_as_told(ch, desk):
    """`done` is one of our acts with numbers, or nothing."""
    visitor = sign_in(ch, Post.OPERATOR)
    for asked in ("?done=<b>&count=1&of=1", "?done=drop&count=x&of=1", "?done=drop&count=1"):
        status, _, text = await visitor.see(LIST + asked)
        assert status == 200
        assert "Done:" not in text
