"""The pages about the message log: search, entries with their proof, checkpoints, verification, files."""

import csv
import io
import json
import re

import pytest
from sqlalchemy import text
from support.console import CSRF, sign_in
from support.exchange import CH_MA, log_entry
from support.gateways import log_of
from support.permits import NUMBER
from web.console.test_permits import DE_MA, issued, on_a_hub, text_of

from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.sequence import place_all
from gateway.messagelog.checkpoint import read_note
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.proven_entry import read_proofs
from gateway.people.person import Person
from gateway.people.rights import Post, Right
from gateway.web.console.log.checkpoints import TURN
from gateway.web.console.viewer import GATEKEEPER, Viewer

HOSTILE = "<script>alert(1)</script>"


async def logged(door, **changes) -> str:
    """An entry, a minute later; its id."""
    door.node.clock.forward(minutes=1)
    entry = log_entry(id=door.node.clock.new_id(), at=door.node.clock.now(), **changes)
    async with door.database.write() as transaction:
        await transaction.log.append(entry)
    return entry.id


async def searched(visitor, *fields: tuple[str, str]) -> tuple[str, str]:
    """Send the search form and follow it; the address and the page."""
    status, headers, page = await visitor.send("/console/log", *fields)
    assert status == 303, text_of(page)
    status, _, page = await visitor.see(headers["Location"])
    assert status == 200
    return headers["Location"], page


def listed(page: str) -> list[str]:
    """The ids of the entries in a list."""
    return re.findall(r'<a href="/console/log/([0-9a-f-]{36})">', page)


async def test_the_newest_come_first_and_pages_go_on(ch, monkeypatch):
    """Each entry once."""
    monkeypatch.setattr("gateway.web.console.log.searching.PAGE", 2)
    made = [await logged(ch) for _ in range(5)]
    visitor, path, seen = sign_in(ch, Post.AUDITOR), "/console/log", []
    while True:
        page = (await visitor.see(path))[2]
        seen += listed(page)
        following = re.search(r'href="(/console/log\?before=[^"]+)"', page)
        if following is None:
            break
        path = following[1]
    assert [each for each in seen if each in made] == made[::-1]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "CH-X"),
        ("issuer", "XK"),
        ("kind", "refused"),
        ("partner", "xk"),
        ("authority", "XK:MA"),
        ("actor", "somebody"),
        ("outcome", "peculiar"),
        ("message_id", "01a20846-fe00-7000-8000-0000000000ff"),
        ("correlation_id", "peculiar-correlation"),
        ("text", "peculiar sentence"),
    ],
)
async def test_each_condition(ch, field, value):
    """What was looked for stands in the form again, and never in the address."""
    named = {"kind": EntryKind.REFUSED} if field == "kind" else {field: value}
    if field == "text":
        named = {"detail": "a PECULIAR and rare sentence"}
    wanted = await logged(ch, **named)
    await logged(ch)
    address, page = await searched(sign_in(ch, Post.AUDITOR), (field, value))
    assert listed(page) == [wanted]
    assert re.fullmatch(r"/console/log\?search=[0-9a-f-]{36}", address)
    assert f'value="{value}"' in page


async def test_a_text_without_a_word_does_not_find_everything(ch):
    """It is told so."""
    status, _, page = await sign_in(ch, Post.AUDITOR).send("/console/log", ("text", "..."))
    assert status == 400
    assert "there is no word in" in page


async def test_between_two_times(ch):
    """Since a moment, and before another."""
    first = await logged(ch)
    at = ch.node.clock.now()
    await logged(ch)
    visitor = sign_in(ch, Post.AUDITOR)
    _, page = await searched(visitor, ("until", f"{at.replace(minute=at.minute + 1):%Y-%m-%dT%H:%M}"))
    assert listed(page) == [first]
    assert (await visitor.send("/console/log", ("since", "yesterday")))[0] == 400


async def test_a_search_is_kept_under_a_name(ch):
    """It is found again, counts for its owner alone, and is deleted when asked."""
    wanted = await logged(ch, partner="xk")
    visitor = sign_in(ch, Post.AUDITOR)
    address, _ = await searched(visitor, ("partner", "xk"), ("name", HOSTILE))
    page = (await visitor.see("/console/log"))[2]
    assert f'href="{address}"' in page
    assert HOSTILE not in page
    assert listed((await visitor.see(address))[2]) == [wanted]
    other = sign_in(ch, Post.AUDITOR)
    other.person = Person("018f0000-0000-7000-8000-0000000000aa", "Eve", Post.AUDITOR)
    as_other(ch, other.person)
    assert (await other.see(address))[0] == 404
    assert (await other.send("/console/log/forget", ("search", address[-36:])))[0] == 404
    visitor = sign_in(ch, Post.AUDITOR)
    assert (await visitor.send("/console/log/forget", ("search", address[-36:])))[0] == 303
    assert (await visitor.see(address))[0] == 404


def as_other(door, person: Person) -> None:
    """Another person is signed in."""

    async def admit(_request) -> Viewer:
        return Viewer(person, CSRF, "018f0000-0000-7000-8000-000000000002")

    door.application[GATEKEEPER].admit = admit


async def test_export_as_csv_and_json_lines(ch):
    """All that matches and nothing else, in pieces; who took it is in the log."""
    wanted = [await logged(ch, partner="xk", detail="=1+1") for _ in range(3)]
    await logged(ch)
    visitor = sign_in(ch, Post.AUDITOR)
    address, _ = await searched(visitor, ("partner", "xk"))
    search = ("search", address[-36:])
    status, headers, data = await visitor.send("/console/log/export", search, ("format", "csv"))
    assert status == 200
    assert headers["Content-Disposition"] == 'attachment; filename="log.csv"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(data)))
    assert [row["id"] for row in rows] == wanted[::-1]
    assert {row["detail"] for row in rows} == {"'=1+1"}
    _, _, data = await visitor.send("/console/log/export", search, ("format", "jsonl"))
    assert [json.loads(line)["id"] for line in data.splitlines()] == wanted[::-1]
    (noted, _) = await log_of(ch.node, kind="exported")
    assert (noted.actor, noted.detail) == ("Ada", "jsonl; partner=xk")


async def test_an_entry_with_its_place_and_its_proof(ch):
    """All its fields; before it has a place, without a checkpoint, and under one."""
    entry_id = await logged(ch, detail=HOSTILE)
    visitor = sign_in(ch, Post.AUDITOR)
    page = (await visitor.see(f"/console/log/{entry_id}"))[2]
    assert HOSTILE not in page
    assert "It has no place yet" in page
    await place_all(ch.node)
    assert "No checkpoint covers it yet." in (await visitor.see(f"/console/log/{entry_id}"))[2]
    await make_checkpoint(ch.node)
    page = text_of((await visitor.see(f"/console/log/{entry_id}"))[2])
    assert "✓ proven under checkpoint 0" in page
    for word in ("accepted", "CH:MA", "ab" * 32, "0123456789abcdef", entry_id):
        assert word in page
    status, _, data = await visitor.see(f"/console/log/{entry_id}/proof")
    assert status == 200
    told = json.loads(data)
    note = read_note(told["checkpoint"].encode())
    _, _, (proven,) = read_proofs((json.dumps(told["proofs"], ensure_ascii=False, indent=2) + "\n").encode())
    proven.check(note.checkpoint)
    assert proven.words["detail"] == HOSTILE


async def test_an_entry_that_was_changed_in_the_database(ch):
    """It is shown, and said not to be what was logged; no proof of it leaves."""
    entry_id = await logged(ch)
    await make_checkpoint(ch.node)
    async with ch.database._engine.begin() as connection:
        await connection.execute(text("UPDATE log_entries SET detail = 'forged'"))
    visitor = sign_in(ch, Post.AUDITOR)
    page = text_of((await visitor.see(f"/console/log/{entry_id}"))[2])
    assert "The log does not prove this entry" in page
    assert (await visitor.see(f"/console/log/{entry_id}/proof"))[0] >= 400
    status, _, page = await visitor.send("/console/log/verify")
    assert status == 200
    assert "✗ the log is not what it was" in text_of(page)
    assert entry_id in page


async def test_checkpoints_and_growth(ch):
    """Each as signed text and as a file; between two of them the log has only grown, which a file proves."""
    visitor = sign_in(ch, Post.AUDITOR)
    assert "No checkpoint has been signed yet." in (await visitor.see("/console/log/checkpoints"))[2]
    for number in range(3):
        await logged(ch)
        status, headers, _ = await visitor.send("/console/log/checkpoints")
        assert (status, headers["Location"]) == (303, f"/console/log/checkpoints/{number}")
    page = (await visitor.see("/console/log/checkpoints"))[2]
    assert re.findall(r'href="/console/log/checkpoints/(\d+)"', page) == ["2", "1", "0"]
    page = (await visitor.see("/console/log/checkpoints?before=2"))[2]
    assert re.findall(r'href="/console/log/checkpoints/(\d+)"', page) == ["1", "0"]
    note = (await visitor.see("/console/log/checkpoints/1/note"))[2]
    assert read_note(note.encode()).checkpoint.number == 1
    assert note.splitlines()[2] in (await visitor.see("/console/log/checkpoints/1"))[2]
    assert "✓ yes" in text_of((await visitor.see("/console/log/growth?first=0&second=2"))[2])
    told = json.loads((await visitor.see("/console/log/growth.json?first=0&second=2"))[2])
    assert (
        told["growth"]["from"]
        == read_note((await visitor.see("/console/log/checkpoints/0/note"))[2].encode()).checkpoint.size
    )
    for path, wanted in (
        ("/console/log/checkpoints/3", 404),
        ("/console/log/growth?first=0&second=9", 404),
        ("/console/log/growth?first=2&second=0", 400),
        ("/console/log/growth?first=x&second=0", 400),
        ("/console/log/growth", 400),
        ("/console/log/checkpoints?before=x", 400),
    ):
        assert (await visitor.see(path))[0] == wanted, path
    assert "✓ the log holds" in text_of((await visitor.send("/console/log/verify"))[2])


async def test_a_log_that_was_changed_between_two_checkpoints(ch):
    """There is no proof, and the page says what to do."""
    visitor = sign_in(ch, Post.AUDITOR)
    for _ in range(2):
        await logged(ch)
        await make_checkpoint(ch.node)
    async with ch.database._engine.begin() as connection:
        await connection.execute(
            text("UPDATE log_checkpoints SET root = (SELECT root FROM log_checkpoints WHERE number = 0)")
        )
    page = text_of((await visitor.see("/console/log/growth?first=0&second=1"))[2])
    assert "✗ no" in page
    assert (await visitor.see("/console/log/growth.json?first=0&second=1"))[0] >= 400


async def test_one_verification_at_a_time(ch):
    """Whoever comes meanwhile is told so; of a log that is too long it is told, too."""
    visitor = sign_in(ch, Post.AUDITOR)
    ch.application[TURN].taken = True
    status, _, page = await visitor.send("/console/log/verify")
    assert status == 503
    assert "the log is being verified" in page
    ch.application[TURN].taken = False
    assert (await visitor.send("/console/log/verify"))[0] == 200


async def test_a_log_that_is_too_long_for_a_page(ch, monkeypatch):
    """The command verifies it."""
    await logged(ch)
    await make_checkpoint(ch.node)
    monkeypatch.setattr("gateway.flows.read_log_tree.MOST_ENTRIES", 0)
    status, _, page = await sign_in(ch, Post.AUDITOR).send("/console/log/verify")
    assert status == 400
    assert "ecites log verify" in page


async def test_what_concerns_another_authority_is_like_what_does_not_exist(ch):
    """In the list, by search, by id, in a file; one's own is there."""
    on_a_hub(ch)
    await issued(ch)
    mine = await logged(ch, authority="DE:MA", actor="de", number="DE-1")
    entries = await log_of(ch.node, number=NUMBER)
    visitor = sign_in(ch, Post.AUDITOR, DE_MA)
    assert listed((await visitor.see("/console/log"))[2]) == [mine]
    _, page = await searched(visitor, ("number", NUMBER))
    assert listed(page) == []
    for entry in entries:
        for place in ("", "/proof"):
            here = await visitor.see(f"/console/log/{entry.id}{place}")
            nowhere = await visitor.see(f"/console/log/{entry.id[:-12]}000000000000{place}")
            assert (here[0], nowhere[0]) == (404, 404)
    _, _, data = await visitor.send("/console/log/export", ("format", "jsonl"))
    assert [json.loads(line)["id"] for line in data.splitlines()] == [mine]
    assert NUMBER not in data
    assert len(listed((await sign_in(ch, Post.AUDITOR, CH_MA).see("/console/log"))[2])) >= len(entries)


async def test_differences_name_entries_to_those_who_may_see_all(ch):
    """Somebody with a boundary hears that the log does not hold, and not which entries."""
    entry_id = await logged(ch)
    await make_checkpoint(ch.node)
    async with ch.database._engine.begin() as connection:
        await connection.execute(text("UPDATE log_entries SET detail = 'forged'"))
    _, _, page = await sign_in(ch, Post.AUDITOR, CH_MA).send("/console/log/verify")
    assert "the log is not what it was" in page
    assert entry_id not in page


@pytest.mark.parametrize("post", list(Post))
async def test_who_may_do_what(ch, post):
    """By the rights of the post: looking, and taking away."""
    entry_id = await logged(ch)
    await make_checkpoint(ch.node)
    visitor = sign_in(ch, post)
    see = visitor.person.may(Right.SEE_LOG)
    take = visitor.person.may(Right.EXPORT_LOG)
    for path in (
        "/console/log",
        "/console/log/checkpoints",
        "/console/log/checkpoints/0",
        f"/console/log/{entry_id}",
    ):
        assert (await visitor.see(path))[0] == (200 if see else 403), path
    assert (await visitor.send("/console/log/verify"))[0] == (200 if see else 403)
    assert (await visitor.send("/console/log"))[0] == (303 if see else 403)
    assert (await visitor.see(f"/console/log/{entry_id}/proof"))[0] == (200 if take else 403)
    assert (await visitor.send("/console/log/export"))[0] == (200 if take else 403)
    assert (await visitor.send("/console/log/checkpoints"))[0] == (303 if take else 403)
