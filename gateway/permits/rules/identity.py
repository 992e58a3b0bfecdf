"""Which document it is: Box 1, and the purpose of Box 5a."""

from collections.abc import Iterator

from gateway.permits.codes import Status
from gateway.permits.findings import Area, Severity
from gateway.permits.identity import MAX_PERMIT_NUMBER
from gateway.permits.model import Permit, Reference
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import say

CUSTOMARY_NUMBER = 27
"""Characters; the form of the United Kingdom's authority takes no longer permit number."""

_NUMBER = "Convention Art. VI.3 (control number); toolkit 3.0, WCO message, ID 1..1, an..35 (Box 1)"
_LENGTHS = "DEFRA CITES form (27 characters); toolkit 3.0, WCO message (Box 1, an..35)"
_TYPE = "Toolkit 2.0, EDI page 032 (Box 1 and 1.1); Res. Conf. 12.3 Annex 2, note 1"
_PURPOSE = "Toolkit 3.0, WCO message (Box 5a, 1:1); 50 CFR 23.23(d)"


@rule("number.missing", box="1", source=_NUMBER, floor=Severity.ERROR)
def number_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has a number."""
    if not permit.number_text:
        yield Breach("number", say("the permit has no number; write the number that the authority gave it"))


@rule("number.malformed", box="1", source=_NUMBER, floor=Severity.ERROR)
def number_malformed(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit number has at most 35 characters, all of them printable."""
    number = permit.number_text
    if len(number) > MAX_PERMIT_NUMBER:
        yield Breach(
            "number",
            say(
                "the number {beginning}... has {length} characters; at most {most} are possible",
                beginning=number[:MAX_PERMIT_NUMBER],
                length=len(number),
                most=MAX_PERMIT_NUMBER,
            ),
        )
    if not number.isprintable():
        yield Breach(
            "number",
            say(
                "the number {number} holds a character that cannot be printed; type it again",
                number=ascii(number),
            ),
        )


@rule("number.long", box="1", source=_LENGTHS, severity=Severity.WARNING)
def number_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit number of more than 27 characters does not fit everywhere."""
    length = len(permit.number_text)
    if CUSTOMARY_NUMBER < length <= MAX_PERMIT_NUMBER:
        yield Breach(
            "number",
            say(
                "the number has {length} characters; the systems of some Parties hold only {customary}, "
                "so a shorter number is safer",
                length=length,
                customary=CUSTOMARY_NUMBER,
            ),
        )


@rule("number.reference-long", box="12", source=_LENGTHS, severity=Severity.WARNING)
def reference_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The number of another permit that is referred to has at most 35 characters."""
    if permit.references:
        yield from _long(permit.references, "", "1")
    for index, line in enumerate(permit.lines):
        if line.references:
            yield from _long(line.references, f"lines[{index}].", "12")


@rule("type.missing", box="1", source=_TYPE, floor=Severity.ERROR)
def type_missing(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit says of which type it is."""
    if permit.type is None or not permit.type.value:
        yield Breach(
            "type",
            say(
                "the type of the permit is missing; write one of {codes} (export, re-export, import, other)",
                codes=context.lists.permit_type.words(),
            ),
        )


@rule("type.unknown", box="1", source=_TYPE, area=Area.CODES, floor=Severity.ERROR)
def type_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The type of a permit is E, R, I or O."""
    if permit.type and permit.type.value and permit.type.value not in context.lists.permit_type:
        yield Breach(
            "type",
            say(
                "the type of the permit is '{found}'; "
                "write one of {codes} (export, re-export, import, other)",
                found=permit.type.value,
                codes=context.lists.permit_type.words(),
            ),
        )


@rule("type.other-unnamed", box="1", source=_TYPE, types="O")
def other_unnamed(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A document of type O says in words what it is."""
    if not any(name.value.strip() for name in permit.names):
        yield Breach(
            "names[0]",
            say(
                "the type is O (other) and no name says which document it is; "
                "write it, for example: Certificate of origin"
            ),
        )


@rule("purpose.missing", box="5a", source=_PURPOSE, floor=Severity.ERROR)
def purpose_missing(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit says for what purpose, by code or in words."""
    for code in permit.purposes:
        if code.value:
            return
    if permit.purpose is None or not permit.purpose.value.strip():
        yield Breach(
            "purposes[0]",
            say(
                "the purpose is missing; write one of {codes}, or say it in words",
                codes=context.lists.purpose.words(),
            ),
        )


@rule("purpose.unknown", box="5a", source=_PURPOSE, area=Area.CODES)
def purpose_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """A purpose code is in the list."""
    for index, code in enumerate(permit.purposes):
        entry = context.lists.purpose.get(code.value)
        if code.value and (entry is None or entry.status is not Status.CURRENT):
            yield Breach(
                f"purposes[{index}]",
                say(
                    "the purpose code is '{found}'; write one of {codes}",
                    found=code.value,
                    codes=context.lists.purpose.words(),
                ),
            )


def _long(references: tuple[Reference, ...], prefix: str, box: str) -> Iterator[Breach]:
    """A breach for each number that is too long for a permit."""
    for index, reference in enumerate(references):
        for place, number in enumerate(reference.numbers):
            if len(number.value) > MAX_PERMIT_NUMBER:
                yield Breach(
                    f"{prefix}references[{index}].numbers[{place}]",
                    say(
                        "the number {beginning}... of another permit has {length} characters; "
                        "at most {most} are possible: compare it with that permit",
                        beginning=number.value[:MAX_PERMIT_NUMBER],
                        length=len(number.value),
                        most=MAX_PERMIT_NUMBER,
                    ),
                    box,
                )
