"""The pages about permits: what they show, to whom, and what they do not."""

import re
from decimal import Decimal
from typing import Any

import pytest
from support.console import Visitor, sign_in
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA
from support.gateways import envelope
from support.notices import SEVERAL
from support.permits import NUMBER, permit_bytes

from gateway.codec.registry import identify
from gateway.exchange.directory import Directory
from gateway.flows.check import check
from gateway.flows.give_notice import give_notice
from gateway.flows.issue import issue
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.people.rights import Post
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import (
    Endorsement,
    Notice,
    PermitStatus,
    Reversal,
    Side,
    StatusChange,
    WrittenOff,
)
from gateway.permits.quantities import Quantity
from gateway.permits.query import PermitQuery
from gateway.signatures.keyring import TrustStore
from gateway.xmlio.parse import parse

REF = PermitRef("CH", NUMBER)
DE_MA, DE_CUSTOMS = AuthorityId.parse("DE:MA"), AuthorityId.parse("DE:CUSTOMS")
UNKNOWN = "01a20846-fe00-7000-8000-000000000000"
HOSTILE = "<script>alert(1)</script><b>bold</b>"
PLACES = ("", "/form", "/form.pdf", "/documents", "/documents/original", "/documents/v1", "/findings")


async def record_of(door: Any, number: str = NUMBER) -> Any:
    """The head of a permit that is here."""
    async with door.database.read() as transaction:
        (head,) = await transaction.holdings.search(
            PermitQuery(number=number), boundary=(), before="", limit=2
        )
    return head


async def issued(door: Any, number: str = NUMBER, **changes: Any) -> str:
    """Issue a permit; the id of our record."""
    await issue(permit_bytes(number, **changes), CH_MA, "", door.node, Trail())
    return (await record_of(door, number)).id


async def said(door: Any, by: AuthorityId, kind: type[Notice], **fields: Any) -> Notice:
    """Somebody says something about the permit, a minute later."""
    door.node.clock.forward(minutes=1)
    given = await give_notice(
        lambda new_id, who, at: kind(new_id, REF, who, at, **fields), REF, by, "", "", door.node, Trail()
    )
    return given.notice


async def written_off(door: Any, quantity: str, **fields: Any) -> Notice:
    """Swiss customs write off some of line A at export."""
    today = door.node.clock.now().date()
    lines = (WrittenOff("A", Quantity(Decimal(quantity))),)
    return await said(
        door, CH_CUSTOMS, Endorsement, side=Side.EXPORT, on=today, office="CH002571", lines=lines, **fields
    )


def on_a_hub(door: Any) -> None:
    """German authorities live here, too."""
    known = door.node.directory
    door.node.directory = Directory(known.hosted | {DE_MA, DE_CUSTOMS}, known.partners)


def text_of(page: str) -> str:
    """What somebody reads: without markup, one space between words."""
    body = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


async def found(visitor: Visitor, *fields: tuple[str, str]) -> list[str]:
    """The numbers in the list that a search answers."""
    status, _, page = await visitor.send("/console/permits", *fields)
    assert status == 200, text_of(page)
    return re.findall(r"<bdi>([^<]*)</bdi></a>", page)


async def test_the_list_has_the_newest_first_with_their_status(ch):
    """And leads to each by the id of our record."""
    first = await issued(ch)
    ch.node.clock.forward(minutes=1)
    await issued(ch, "CH-2")
    await said(ch, CH_MA, StatusChange, status=PermitStatus.CANCELLED, reason="a mistake")
    status, _, page = await sign_in(ch, Post.OPERATOR).see("/console/permits")
    assert status == 200
    assert re.findall(r"<bdi>([^<]*)</bdi></a>", page) == ["CH-2", NUMBER]
    assert f'href="/console/permits/{first}"' in page
    assert re.findall(r"CH → FR (\S+ \S+)", text_of(page)) == ["✓ issued", "✗ cancelled"]


async def test_a_search(ch):
    """Each field leaves out what does not fit."""
    await issued(ch)
    await issued(ch, "26/CH/0417-A", importer="DE", **SEVERAL)
    visitor = sign_in(ch, Post.MA_OFFICER, CH_MA)
    assert await found(visitor) == ["26/CH/0417-A", NUMBER]
    assert await found(visitor, ("number", " 26/CH/0417-A ")) == ["26/CH/0417-A"]
    assert await found(visitor, ("importer", "fr")) == [NUMBER]
    assert await found(visitor, ("type_code", "O"), ("status", "issued")) == ["26/CH/0417-A"]
    assert await found(visitor, ("status", "cancelled")) == []
    assert await found(visitor, ("species", "Psittacus")) == []
    assert await found(visitor, ("received_from", "2999-01-01")) == []


@pytest.mark.parametrize(
    "field",
    [
        ("issuer", "Suisse"),
        ("status", "lovely"),
        ("type_code", "X"),
        ("valid_on", "today"),
        ("before", "%"),
        ("number", "x" * 36),
        ("number", "a\x00b"),
    ],
)
async def test_a_search_for_what_cannot_be(ch, field):
    """It is told as a page, with what to write instead."""
    status, headers, page = await sign_in(ch, Post.OPERATOR).send("/console/permits", field)
    assert status == 400
    assert headers["Content-Type"].startswith("text/html")
    assert "This did not work" in page


async def test_pages_go_on_with_the_same_search(ch, monkeypatch):
    """The form for older ones carries every condition, in its body."""
    monkeypatch.setattr("gateway.flows.find_permits.PAGE", 2)
    for number in range(5):
        ch.node.clock.forward(minutes=1)
        await issued(ch, f"CH-{number}", importer="DE" if number == 1 else "FR")
    visitor = sign_in(ch, Post.OPERATOR)
    seen: list[str] = []
    fields = [("importer", "FR")]
    while True:
        _, _, page = await visitor.send("/console/permits", *fields)
        seen += re.findall(r"<bdi>([^<]*)</bdi></a>", page)
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
        fields = [each for each in hidden if each[0] != "csrf"]
        if "before" not in dict(fields):
            break
        assert ("importer", "FR") in fields
    assert seen == ["CH-4", "CH-3", "CH-2", "CH-0"]


async def test_what_customs_may_rely_on(ch):
    """The verdict with its reasons, in the language of the viewer."""
    permit = await issued(ch)
    for language, words in (
        ("en", "Customs may rely on it"),
        ("fr", "La douane peut"),
        ("es", "La aduana puede"),
    ):
        visitor = sign_in(ch, Post.CUSTOMS_OFFICER, CH_CUSTOMS, language=language)
        status, _, page = await visitor.see(f"/console/permits/{permit}")
        assert status == 200
        assert words in text_of(page)
    await said(ch, CH_MA, StatusChange, status=PermitStatus.SUSPENDED, reason="under review")
    page = text_of((await sign_in(ch, Post.CUSTOMS_OFFICER, CH_CUSTOMS).see(f"/console/permits/{permit}"))[2])
    assert "✗ Not valid status now : ✗ suspended" in page.replace("status now:", "status now :")
    assert "CH:MA said that it is suspended: under review" in page


async def test_the_ledger_with_endorsements_and_reversals(ch):
    """What is left of each line, what was written off, and whether it counts."""
    permit = await issued(ch, **SEVERAL)
    wrong = await written_off(ch, "10", remarks=HOSTILE, customs_document="26CH1")
    await said(ch, CH_CUSTOMS, Reversal, reverses=wrong.id, reason="wrong line")
    await written_off(ch, "9")
    _, _, page = await sign_in(ch, Post.OPERATOR).see(f"/console/permits/{permit}")
    text = text_of(page)
    assert "A 40 9 0 0 31" in text
    assert len(re.findall(r"· no\b", text)) == 1
    assert text.count("✓ yes") == 2
    assert "taken back : wrong line" in text.replace("taken back:", "taken back :")
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


async def test_the_timeline_from_submission_to_the_last_endorsement(ch):
    """In the order of time, each with who, and a link to where more is told."""
    permit = await issued(ch, **SEVERAL)
    await written_off(ch, "10")
    await said(ch, CH_MA, StatusChange, status=PermitStatus.AMENDED, reason="a typing error")
    ch.node.clock.forward(minutes=1)
    await check(REF, CH_CUSTOMS, ch.node, Trail())
    _, _, page = await sign_in(ch, Post.OPERATOR).see(f"/console/permits/{permit}")
    timeline = page[page.index('<ol class="timeline">') : page.index("</ol>")]
    happened = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in timeline.split("<li>")[1:]]
    expected = [
        "submitted it; it was checked, sealed and stored",
        "put into the inbox of CH:CUSTOMS",
        "signed and queued for FR:MA, by way of fr",
        "CH:CUSTOMS wrote off at export",
        "signed and queued for FR:MA, by way of fr",
        "CH:MA said that it is amended: a typing error",
        "signed and queued for FR:MA, by way of fr",
        "CH:CUSTOMS asked whether it is valid: valid",
    ]
    assert len(happened) == len(expected)
    for text, words in zip(happened, expected, strict=True):
        assert words in text
    assert "/console/deliveries/" in timeline
    assert "/console/log/" in timeline


@pytest.mark.parametrize("language", ["en", "fr", "es"])
async def test_the_form_has_all_its_boxes(ch, language):
    """By their numbers, in the language of the viewer; and as a PDF."""
    permit = await issued(ch)
    visitor = sign_in(ch, Post.MA_OFFICER, CH_MA, language=language)
    _, _, page = await visitor.see(f"/console/permits/{permit}/form")
    numbers = set(re.findall(r"<h[23]><b>([^<]+)</b>", page))
    assert " ".join(sorted(numbers)) == "1 10 11 11a 12 12a 12b 13 14 15 2 3 3a 4 5 5a 5b 6 7 8 9"
    assert {"en": "Valid until", "fr": "Valable", "es": "Válido"}[language] in page
    assert "<svg" in page
    async with ch.session.get(f"{ch.url}/console/permits/{permit}/form.pdf") as answer:
        assert (await answer.read()).startswith(b"%PDF-")


async def test_documents_in_all_versions(ch):
    """The original byte for byte; the others are what they say, with what is lost named."""
    permit = await issued(ch)
    visitor = sign_in(ch, Post.OPERATOR)
    async with ch.database.read() as transaction:
        original = (await transaction.permits.find(REF)).original
    for name, version in (("original", "v2"), ("v1", "v1"), ("v2", "v2"), ("v3", "v3")):
        async with ch.session.get(f"{ch.url}/console/permits/{permit}/documents/{name}") as answer:
            data = await answer.read()
            assert (
                answer.headers["Content-Disposition"] == f'attachment; filename="permit-{permit}-{name}.xml"'
            )
        assert identify(parse(data).root) == version
        assert (data == original) is (version == "v2")
    page = (await visitor.see(f"/console/permits/{permit}/documents"))[2]
    assert "not carried: " in page
    assert "What v1 cannot carry" in page
    assert (await visitor.see(f"/console/permits/{permit}/documents/v9"))[0] == 404


async def test_a_document_whose_seal_does_not_hold(ch):
    """It is not drawn and not converted; as it came it can be had, and examined."""
    permit = await issued(ch)
    ch.node.trust = TrustStore({})
    visitor = sign_in(ch, Post.OPERATOR)
    status, _, page = await visitor.see(f"/console/permits/{permit}")
    assert status == 200
    assert "Check with the issuer" in page or "Not valid" in page
    assert "<svg" not in (await visitor.see(f"/console/permits/{permit}/form"))[2]
    assert "only what was sealed is" in (await visitor.see(f"/console/permits/{permit}/documents"))[2]
    assert (await visitor.see(f"/console/permits/{permit}/documents/original"))[0] == 200
    assert (await visitor.see(f"/console/permits/{permit}/documents/v1"))[0] >= 400
    assert (await visitor.see(f"/console/permits/{permit}/findings"))[0] == 200


async def test_findings_stand_beside_the_line_that_they_are_about(ch):
    """Examined by the rules of today: what was right when it was issued may be wrong now."""
    permit = await issued(ch)
    ch.node.clock.forward(days=400)
    _, _, page = await sign_in(ch, Post.OPERATOR).see(f"/console/permits/{permit}/findings")
    (row,) = [each for each in page.split("<tr")[1:] if each.startswith(' class="marked"')]
    assert "EndDateTime" in row
    assert "✗</span> error" in row
    number = re.search(r'id="l(\d+)"', row)[1]
    assert f'href="#l{number}"' in page


@pytest.mark.parametrize("post", list(Post))
async def test_who_may_see_permits(ch, post):
    """The administrator looks after people and partners, and sees no permit."""
    permit = await issued(ch)
    wanted = 403 if post is Post.ADMINISTRATOR else 200
    authorities = () if post in (Post.OPERATOR, Post.AUDITOR, Post.ADMINISTRATOR) else (CH_MA,)
    visitor = sign_in(ch, post, *authorities)
    for path in (
        "/console/permits",
        "/console/check",
        *(f"/console/permits/{permit}{each}" for each in PLACES),
    ):
        async with ch.session.get(ch.url + path) as answer:
            assert answer.status == wanted, path
    assert (await visitor.send("/console/permits"))[0] == wanted


async def test_what_concerns_another_authority_is_like_what_does_not_exist(ch):
    """By list, by search, by id, on every page, word for word."""
    on_a_hub(ch)
    permit = await issued(ch)
    visitor = sign_in(ch, Post.MA_OFFICER, DE_MA)
    assert await found(visitor) == []
    assert await found(visitor, ("number", NUMBER)) == []
    for place in PLACES:
        here = await visitor.see(f"/console/permits/{permit}{place}")
        nowhere = await visitor.see(f"/console/permits/{UNKNOWN}{place}")
        assert (here[0], nowhere[0]) == (404, 404)
        assert without_id(here[2], permit) == without_id(nowhere[2], UNKNOWN), place
    assert await found(sign_in(ch, Post.MA_OFFICER, DE_MA, CH_MA)) == [NUMBER]


def without_id(page: str, permit: str) -> str:
    """A page without what differs between any two requests."""
    return re.sub(r"<code>[^<]*</code>", "", page.replace(permit, "ID"))


async def test_customs_of_a_third_party_see_no_more_than_they_are_told(ch):
    """They asked, so it concerns them; names, descriptions and the ledger are told to its Parties."""
    on_a_hub(ch)
    permit = await issued(ch, **SEVERAL)
    await written_off(ch, "10")
    await said(ch, CH_MA, StatusChange, status=PermitStatus.AMENDED, reason="told to authorities")
    await check(REF, DE_CUSTOMS, ch.node, Trail())
    status, _, page = await sign_in(ch, Post.CUSTOMS_OFFICER, DE_CUSTOMS).see(f"/console/permits/{permit}")
    text = text_of(page)
    assert status == 200
    assert "Varanus salvator" in text
    assert "DE:CUSTOMS asked whether it is valid" in text
    for hidden in (
        "Beispiel AG", "small leather goods", "wrote off", "Ledger", "told to authorities",
        "submitted it", "signed and queued", "put into the inbox", '/form"', "/documents",
    ):  # fmt: skip
        assert hidden not in (page if hidden.startswith("/") else text), hidden
    for place in PLACES[1:]:
        assert (await sign_in(ch, Post.CUSTOMS_OFFICER, DE_CUSTOMS).see(f"/console/permits/{permit}{place}"))[
            0
        ] == 404


async def test_a_management_authority_of_a_third_party_hears_of_changes(ch):
    """Of those, and not of what customs wrote off."""
    on_a_hub(ch)
    permit = await issued(ch, **SEVERAL)
    await written_off(ch, "10")
    await said(ch, CH_MA, StatusChange, status=PermitStatus.AMENDED, reason="told to authorities")
    await check(REF, DE_MA, ch.node, Trail())
    text = text_of((await sign_in(ch, Post.MA_OFFICER, DE_MA).see(f"/console/permits/{permit}"))[2])
    assert text.count("CH:MA said that it is amended: told to authorities") == 2
    for hidden in ("wrote off", "Ledger", "Beispiel AG", "small leather goods"):
        assert hidden not in text


async def test_customs_see_their_own_part_of_what_happened(ch):
    """What was handed to them, and what authorities said; not who else asked, nor what others sent."""
    on_a_hub(ch)
    permit = await issued(ch, **SEVERAL)
    await check(REF, DE_CUSTOMS, ch.node, Trail())
    await check(REF, CH_MA, ch.node, Trail())
    await said(ch, CH_MA, StatusChange, status=PermitStatus.AMENDED, reason="a typing error")
    text = text_of((await sign_in(ch, Post.CUSTOMS_OFFICER, CH_CUSTOMS).see(f"/console/permits/{permit}"))[2])
    assert "put into the inbox of CH:CUSTOMS" in text
    assert "CH:MA said that it is amended" in text
    for hidden in ("DE:CUSTOMS asked", "CH:MA asked", "CH:MA submitted", "signed and queued"):
        assert hidden not in text
    whole = text_of((await sign_in(ch, Post.OPERATOR).see(f"/console/permits/{permit}"))[2])
    assert "DE:CUSTOMS asked" in whole
    assert "CH:MA submitted" in whole


async def test_the_receiving_side_sees_the_message_that_brought_it(fr):
    """With the inboxes that it was put into, each for its own."""
    await receive(envelope(), fr.node, Trail())
    permit = (await record_of(fr)).id
    text = text_of((await sign_in(fr, Post.MA_OFFICER, FR_MA).see(f"/console/permits/{permit}"))[2])
    assert "came from CH:MA by way of ch: accepted" in text
    assert "put into the inbox of FR:MA" in text
    assert "put into the inbox of FR:CUSTOMS" not in text
    text = text_of((await sign_in(fr, Post.CUSTOMS_OFFICER, FR_CUSTOMS).see(f"/console/permits/{permit}"))[2])
    assert "put into the inbox of FR:CUSTOMS" in text


async def test_hostile_text_of_a_permit_is_text(ch):
    """Names, descriptions and numbers of a document never become markup."""
    permit = await issued(ch, "CH-<i>1</i>")
    for place in ("", "/form", "/documents", "/findings"):
        _, _, page = await sign_in(ch, Post.OPERATOR).see(f"/console/permits/{permit}{place}")
        assert "<i>1</i>" not in page, place
        assert "&lt;i&gt;1&lt;/i&gt;" in page, place
    page = (await sign_in(ch, Post.OPERATOR).see("/console/permits"))[2]
    assert "<i>1</i>" not in page


async def test_no_number_stands_in_an_address(ch):
    """Every link, form and redirect of every page about a permit, by GET and by POST."""
    permit = await issued(ch, **SEVERAL)
    await written_off(ch, "10")
    visitor = sign_in(ch, Post.OPERATOR)
    pages = [
        await visitor.see(f"/console/permits{each}") for each in ("", *(f"/{permit}{p}" for p in PLACES[:2]))
    ]
    pages += [await visitor.see(f"/console/permits/{permit}{each}") for each in ("/documents", "/findings")]
    pages += [await visitor.send("/console/permits", ("number", NUMBER))]
    walked = 0
    for status, headers, page in pages:
        assert status == 200
        for address in [*re.findall(r'(?:href|action|src)="([^"]*)"', page), headers.get("Location", "")]:
            assert NUMBER not in address
            walked += 1
    assert walked > 50
