"""Which document it is: Box 1, and the purpose of Box 5a."""

from collections.abc import Iterator

from gateway.permits.codes import Status
from gateway.permits.findings import Area
from gateway.permits.identity import MAX_PERMIT_NUMBER
from gateway.permits.model import Permit
from gateway.permits.rules.registry import Breach, Context, rule

_NUMBER = "Convention Art. VI.3 (control number); toolkit 3.0, WCO message, ID 1..1, an..35 (Box 1)"
_TYPE = "Toolkit 2.0, EDI page 032 (Box 1 and 1.1); Res. Conf. 12.3 Annex 2, note 1"
_PURPOSE = "Toolkit 3.0, WCO message (Box 5a, 1:1); 50 CFR 23.23(d)"


@rule("number.missing", box="1", source=_NUMBER)
def number_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has a number."""
    if not permit.number_text:
        yield Breach("number", "the permit has no number; write the number that the authority gave it")


@rule("number.malformed", box="1", source=_NUMBER)
def number_malformed(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit number has at most 35 characters, all of them printable."""
    number = permit.number_text
    if len(number) > MAX_PERMIT_NUMBER:
        yield Breach(
            "number",
            f"the number {number[:MAX_PERMIT_NUMBER]}... has {len(number)} characters; "
            f"at most {MAX_PERMIT_NUMBER} are possible",
        )
    if not number.isprintable():
        yield Breach(
            "number", f"the number {number!a} holds a character that cannot be printed; type it again"
        )


@rule("type.missing", box="1", source=_TYPE)
def type_missing(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit says of which type it is."""
    if permit.type is None or not permit.type.value:
        yield Breach(
            "type",
            f"the type of the permit is missing; write one of {context.lists.permit_type.words()} "
            "(export, re-export, import, other)",
        )


@rule("type.unknown", box="1", source=_TYPE, area=Area.CODES)
def type_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The type of a permit is E, R, I or O."""
    if permit.type and permit.type.value and permit.type.value not in context.lists.permit_type:
        yield Breach(
            "type",
            f"the type of the permit is '{permit.type.value}'; write one of "
            f"{context.lists.permit_type.words()} (export, re-export, import, other)",
        )


@rule("type.other-unnamed", box="1", source=_TYPE)
def other_unnamed(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A document of type O says in words what it is."""
    if permit.type_code == "O" and not any(name.value.strip() for name in permit.names):
        yield Breach(
            "names[0]",
            "the type is O (other) and no name says which document it is; "
            "write it, for example: Certificate of origin",
        )


@rule("purpose.missing", box="5a", source=_PURPOSE)
def purpose_missing(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit says for what purpose, by code or in words."""
    words = permit.purpose.value.strip() if permit.purpose else ""
    if not words and not any(code.value for code in permit.purposes):
        yield Breach(
            "purposes[0]",
            f"the purpose is missing; write one of {context.lists.purpose.words()}, or say it in words",
        )


@rule("purpose.unknown", box="5a", source=_PURPOSE, area=Area.CODES)
def purpose_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """A purpose code is in the list."""
    for index, code in enumerate(permit.purposes):
        entry = context.lists.purpose.get(code.value)
        if code.value and (entry is None or entry.status is not Status.CURRENT):
            yield Breach(
                f"purposes[{index}]",
                f"the purpose code is '{code.value}'; write one of {context.lists.purpose.words()}",
            )
