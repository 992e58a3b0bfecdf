"""
The CITES form as data: boxes 1 to 15 of Res. Conf. 12.3, Annex 2, filled from a permit, in one language.

Whoever draws (`text.py`, `html.py`, `pdf.py`) reads only this. The texts are final: translated, free of
characters that deceive, and complete; what does not fit into its box is the drawer's to carry on elsewhere.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.permits.codes import code_lists
from gateway.permits.model import Permit
from gateway.permits.validity import Standing, Status
from gateway.rendering.boxes import closing_boxes, opening_boxes
from gateway.rendering.entries import Box
from gateway.rendering.reference import reference
from gateway.rendering.rows import Row, rows_of
from gateway.rendering.visible import in_one_line, visible
from gateway.rendering.voice import Voice
from gateway.wording import say

ROWS_ON_FORM = 4
"""Lines A to D; further lines stand on continuation sheets (Res. Conf. 12.3, Annex 2)."""


class Tone(StrEnum):
    """How a stamp is drawn; its words say the same."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"


MARKS = {Tone.GOOD: "✓", Tone.BAD: "✗", Tone.UNSURE: "?"}
"""What stands before the words of a stamp, so that black and white suffices."""

CONVENTION = say("Convention on International Trade in Endangered Species of Wild Fauna and Flora")
"""Stands on top of every form."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One statement about the document on top of the form: its status, or the verdict on its signature."""

    tone: Tone
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seal:
    """What a verification concluded about the signature."""

    indication: str
    """PASSED, FAILED or INDETERMINATE (ETSI EN 319 102-1)."""
    message: str


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form."""

    language: str
    title: str
    """What kind of document it is."""
    number: str
    identity: tuple[tuple[str, str], ...]
    """Label and text of what each continuation sheet repeats: number, type, date of issue."""
    stamps: tuple[Stamp, ...]
    opening: tuple[Box, ...]
    """Boxes 1 to 6."""
    rows: tuple[Row, ...]
    """Lines A to D, always four: a row without boxes is a line that the permit does not have."""
    sheet_rows: tuple[Row, ...]
    """The further lines."""
    closing: tuple[Box, ...]
    """Boxes 13 to 15."""
    reference: str
    """What the QR code holds."""
    note: str
    """What a drawing is worth; stands at its foot."""
    statement: str = ""
    """The signed statement that the QR code holds in place of the reference; empty when there is none."""

    def box(self, number: str) -> Box:
        """A box outside the lines by its number; raises `KeyError` when there is none."""
        return {box.number: box for box in self.opening + self.closing}[number]


_STATUS = {
    Status.IN_FORCE: (Tone.GOOD, say("IN FORCE")),
    Status.NOT_YET_VALID: (Tone.BAD, say("NOT YET VALID")),
    Status.EXPIRED: (Tone.BAD, say("EXPIRED")),
}
_SEAL = {
    "PASSED": (Tone.GOOD, say("SIGNATURE PASSED")),
    "FAILED": (Tone.BAD, say("SIGNATURE FAILED")),
    "INDETERMINATE": (Tone.UNSURE, say("SIGNATURE INDETERMINATE")),
}
_NO_TYPE = say("Permit or certificate")


def form_of(
    permit: Permit,
    *,
    standing: Standing,
    seal: Seal | None,
    digest: str,
    version: str,
    language: str,
    statement: str = "",
) -> Form:
    """
    Fill the form.

    `standing` says whether the permit is in force; `seal` what a verification concluded, None when nobody
    verified; `digest` is the SHA-256 of the original bytes in hexadecimal; `version` the message version;
    `language` one of `gateway.wording.LANGUAGES`; `statement` the signed statement for the QR code, which the
    caller has verified, empty when there is none.

    Raises `MalformedRequest` for another language.
    """
    voice = Voice(language)
    rows, sheet_rows = rows_of(voice, permit, ROWS_ON_FORM)
    title = _title(voice, permit)
    number = in_one_line(permit.number_text)
    return Form(
        language=language,
        title=title,
        number=number,
        identity=_identity(voice, permit, title, number),
        stamps=_stamps(voice, permit, standing, seal),
        opening=opening_boxes(voice, permit),
        rows=rows,
        sheet_rows=sheet_rows,
        closing=closing_boxes(voice, permit, permit.lines[:ROWS_ON_FORM]),
        reference=in_one_line(reference(permit, digest)),
        note=_note(voice, version, stated=bool(statement)),
        statement=statement,
    )


def _title(voice: Voice, permit: Permit) -> str:
    """What kind of document it is: of type O as it says itself, of the others as the code list says."""
    entry = code_lists().permit_type.get(permit.type_code)
    if entry is None or permit.type_code == "O":
        named = [in_one_line(name.value) for name in permit.names if name.value.strip()]
        return named[0] if named else voice(_NO_TYPE)
    return voice(entry.meaning)


def _identity(voice: Voice, permit: Permit, title: str, number: str) -> tuple[tuple[str, str], ...]:
    """Number, type and date of issue with their labels."""
    issued = voice.moment(permit.issued_at) if permit.issued_at else ""
    return (
        (voice(say("Permit or certificate number")), number or "—"),
        (voice(say("Type")), title),
        (voice(say("Date of issue")), issued or "—"),
    )


def _note(voice: Voice, version: str, *, stated: bool) -> str:
    """A sentence for whoever holds the drawing."""
    if stated:
        return voice(
            say(
                "This is a drawing of an electronic permit (message version {version}). Only the electronic "
                "document and the signed statement in the QR code can be verified; compare the drawing with "
                "what the statement says.",
                version=version,
            )
        )
    return voice(
        say(
            "This is a drawing of an electronic permit (message version {version}). Only the electronic "
            "document itself can be verified.",
            version=version,
        )
    )


def _stamps(voice: Voice, permit: Permit, standing: Standing, seal: Seal | None) -> tuple[Stamp, ...]:
    """Status, copy, signature: in this order."""
    tone, words = _STATUS[standing.status]
    stamps = [Stamp(tone, voice(words), voice(standing.reason))]
    if permit.copy:
        stamps.append(
            Stamp(Tone.UNSURE, voice(say("COPY")), voice(say("a copy does not replace the original")))
        )
    return (*stamps, _seal_stamp(voice, seal))


def _seal_stamp(voice: Voice, seal: Seal | None) -> Stamp:
    """The verdict, or that there is none."""
    if seal is None:
        reason = say("nobody verified who made this document: name the certificates that you trust")
        return Stamp(Tone.UNSURE, voice(say("SIGNATURE NOT CHECKED")), voice(reason))
    tone, words = _SEAL[seal.indication]
    return Stamp(tone, voice(words), visible(voice(seal.message)))
