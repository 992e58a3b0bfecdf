"""A permit drawn with its QR code, for the authorities that it concerns."""

import json
from io import BytesIO
from typing import Any

import pytest
from support.exchange import CH_MA
from support.gateways import envelope, log_of
from support.permits import permit_bytes

from gateway.errors import NotFound
from gateway.flows.draw_form import draw_form
from gateway.flows.give_notice import give_notice
from gateway.flows.issue import issue
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.rendering.form import Form

REF = PermitRef("CH", "CH-2026-000123")
JSON = "application/json"


async def drawn(door: Any, token: str, number: str = REF.number, **headers: str) -> tuple[int, Any, bytes]:
    """Ask for the form."""
    data = json.dumps({"issuer": "CH", "number": number}).encode()
    status, named, body = await door.call(
        "POST", "/api/v1/permits/form", token=token, data=data, Content_Type=JSON, **headers
    )
    return status, named, body


async def issued(ch: Any) -> None:
    """The permit is issued here."""
    await issue(permit_bytes(REF.number), CH_MA, "", ch.node, Trail())


async def form_here(ch: Any) -> Form:
    """The filled form, before it is drawn."""
    forms: list[Form] = []
    await draw_form(REF, CH_MA, "en", lambda form, _: forms.append(form) or b"", ch.node, Trail())
    return forms[0]


async def test_a_page(ch: Any) -> None:
    """With the statement in its QR code, in the language of the caller; the look is logged with its view."""
    await issued(ch)
    status, headers, body = await drawn(ch, "CH:CUSTOMS", Accept_Language="fr")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["Content-Language"] == "fr"
    assert headers["Cache-Control"] == "no-store"
    page = body.decode()
    assert REF.number in page
    assert "Code QR" in page
    (entry,) = await log_of(ch.node, outcome="form")
    assert (entry.actor, entry.detail) == ("CH:CUSTOMS", "seen as issuing-party")
    assert (await form_here(ch)).statement


async def test_a_pdf(ch: Any) -> None:
    """By Accept."""
    await issued(ch)
    status, headers, body = await drawn(ch, "CH:MA", Accept="application/pdf, text/html;q=0.5")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert BytesIO(body).read(5) == b"%PDF-"


async def test_the_importing_party_draws_it_with_the_reference(fr: Any) -> None:
    """Its gateway has no seal of the issuer, and states nothing in its name."""
    await receive(envelope(), fr.node, Trail())
    status, _, body = await drawn(fr, "FR:CUSTOMS")
    assert status == 200
    assert "QR code with the reference of this permit" in body.decode()
    (entry,) = await log_of(fr.node, outcome="form")
    assert entry.detail == "seen as importing-party"


async def test_a_cancelled_permit(ch: Any) -> None:
    """It says so on top in place of its dates, and nothing is stated about it any more."""
    await issued(ch)
    assert (await form_here(ch)).stamps[0].words == "IN FORCE"
    await give_notice(
        lambda new_id, by, at: StatusChange(
            new_id, REF, by, at, status=PermitStatus.CANCELLED, reason="test"
        ),
        REF,
        CH_MA,
        "",
        "",
        ch.node,
        Trail(),
    )
    form = await form_here(ch)
    assert form.statement == ""
    assert form.stamps[0].words == "CANCELLED"
    assert "IN FORCE" not in (await drawn(ch, "CH:MA"))[2].decode()


async def test_who_gets_none(ch: Any) -> None:
    """An unknown permit, one that concerns another Party, an unknown caller."""
    assert (await drawn(ch, "CH:MA"))[0] == 404
    assert (await drawn(ch, "nobody"))[0] == 401
    await issue(permit_bytes(REF.number), CH_MA, "", ch.node, Trail())
    assert (await drawn(ch, "CH:MA", number="another"))[0] == 404


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/html"),
        ("text/html, application/pdf", "text/html"),
        ("image/png, application/pdf", "application/pdf"),
        ("image/png", "application/problem+json"),
    ],
)
async def test_what_is_accepted(ch: Any, accept: str, kind: str) -> None:
    """The first that we have; 406 for none."""
    await issued(ch)
    status, headers, _ = await drawn(ch, "CH:MA", Accept=accept)
    assert headers["Content-Type"].partition(";")[0] == kind
    assert (status == 406) is (kind == "application/problem+json")


async def test_a_permit_that_concerns_other_parties(ch: Any) -> None:
    """Not found, for an authority that lives here too."""
    await issued(ch)
    with pytest.raises(NotFound, match="concerns DE"):
        await draw_form(REF, AuthorityId.parse("DE:MA"), "en", lambda *_: b"", ch.node, Trail())
