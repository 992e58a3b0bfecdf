"""A permit that is held here, drawn as the form of the Convention with its QR code."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from gateway.errors import NotFound
from gateway.flows.journal import entry
from gateway.flows.known_permit import Known, find_known
from gateway.flows.list_statuses import lister_of
from gateway.flows.make_statement import state
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.record import PermitRecord
from gateway.permits.status_list import BARRING, STATUS_WORDS
from gateway.permits.validity import standing_of
from gateway.permits.views import audience_of
from gateway.rendering.form import Form, Seal, Stamp, Tone, form_of
from gateway.rendering.voice import Voice
from gateway.signatures.verdict import Indication
from gateway.wording import say

Drawing = TypeVar("Drawing")
Draw = Callable[[Form, datetime], bytes]
"""A form and the present moment to the bytes of a drawing."""


async def draw_form(
    ref: PermitRef, caller: AuthorityId, language: str, draw: Draw, node: Node, trail: Trail
) -> bytes:
    """
    Draw a permit for an authority of a Party that it concerns.

    1. It is here, its seal holds, and it names the caller's Party or was issued by it.
    2. Its QR code states what it says, where the seal of its Management Authority is here and nothing bars
       it; else the code holds the reference. A permit that is barred says so on top.
    3. Draw it beside the event loop.
    4. Log who got it, as what.

    Raises `NotFound` and `SignatureRefused`.
    """
    at = node.clock.now()
    trail.actor, trail.authority, trail.permit = str(caller), str(caller), ref
    # 1
    record, known = await find_known(ref, node)
    if caller.party not in known.parties:
        raise NotFound(
            f"this gateway holds no permit {ref} that concerns {caller.party}",
            advice="ask whether it is valid instead: POST /api/v1/permits/validity",
        )
    trail.digest = record.digest
    # 2, 3
    drawing = await drawn(record, known, language, draw, node, at)
    # 4
    view = audience_of(caller, ref.issuer, known.parties)
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.ASKED, trail, outcome="form", detail=f"seen as {view.value}")
        )
    return drawing


async def drawn(
    record: PermitRecord,
    known: Known,
    language: str,
    draw: Callable[[Form, datetime], Drawing],
    node: Node,
    at: datetime,
) -> Drawing:
    """What `draw` makes of the filled form: steps 2 and 3 of `draw_form`; nothing is logged."""
    # 2
    statement = "" if known.said in BARRING else _statement(record, known, node, at)
    # 3
    return await asyncio.to_thread(_drawn, record, known, language, statement, draw, at)


def _statement(record: PermitRecord, known: Known, node: Node, at: datetime) -> str:
    """The statement of the issuer, empty where its seal is not here (step 2)."""
    try:
        authority = lister_of(record.ref.issuer, node)
    except NotFound:
        return ""
    return state(known.permit, record.digest, node.keys.active(str(authority), at), at)


def _drawn(
    record: PermitRecord,
    known: Known,
    language: str,
    statement: str,
    draw: Callable[[Form, datetime], Drawing],
    at: datetime,
) -> Drawing:
    """The drawing (step 3)."""
    voice = Voice(language)
    form = form_of(
        known.permit,
        standing=standing_of(known.permit, at),
        seal=Seal(Indication.PASSED.value, voice(say("proven by this gateway when it was drawn"))),
        digest=record.digest,
        version=record.version,
        language=language,
        statement=statement,
    )
    if known.said in BARRING:
        words = voice(STATUS_WORDS[known.said]).upper()
        why = voice(say("it must not be used, whatever its dates are"))
        form = replace(form, stamps=(Stamp(Tone.BAD, words, why), *form.stamps[1:]))
    return draw(form, at)
