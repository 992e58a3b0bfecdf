"""
What departs from the ordinary way: replacement, retrospective issue, copies, inspection out of time.

A permit says such things in Box 5 in words; the words are looked for in English, French and Spanish.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from gateway.permits.days import aware, end_of_day
from gateway.permits.findings import Severity
from gateway.permits.model import Permit
from gateway.permits.phrases import speaks_of
from gateway.permits.rules.context import Context
from gateway.permits.rules.pairs import IMPORT_PERMIT, is_type
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import say

_REPLACEMENT = "EU Reg. 865/2006 Art. 12(1); 50 CFR 23.52(b)(5)"
_RETROSPECTIVE = "Res. Conf. 12.3, section on retrospective issue; 50 CFR 23.53"
_COPY = "50 CFR 23.26(b); Convention Art. VI.4"
_INSPECTION = "50 CFR 23.54(b); Res. Conf. 12.3 Annex 1 (endorsement)"

_REPLACES = (
    " replaces ", " in replacement of ", " replacement permit ", " replacement certificate ",
    " remplace ", " en remplacement ", " sustituye ", " en sustitucion ", " reemplaza ", " en reemplazo ",
)  # fmt: skip
_REPLACED = (*_REPLACES, " replaced ", " remplacee ", " sustituido ", " reemplazado ")
"""What the name of a reference may say."""
_REASON = (
    " because ", " since ", " due to ", " reason", " lost", " stolen", " destroyed", " damaged", " expired",
    " unused", " error", " cancel", " accident",
    " car ", " parce qu", " motif", " raison", " perdu", " vole", " detruit", " endommage", " expire",
    " non utilise", " erreur", " annul",
    " porque ", " motivo", " razon", " debido ", " perdid", " extravi", " robad", " destruid", " danad",
    " caducad", " vencid", " no utilizad", " anulad",
)  # fmt: skip
_AFTERWARDS = (" retrospecti", " a posteriori ")
_COPY_ALLOWED = (
    " transit", " authorised copy ", " authorized copy ", " copie autorisee ", " copia autorizada ",
)  # fmt: skip

_WITH_DIGIT = re.compile(r"[^\s,;]*\d[^\s,;]*")
_DATE = re.compile(r"(?:19|20)\d\d|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}\.?")


@rule("changes.replaced-number", box="5", source=_REPLACEMENT)
def replaced_number(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit that replaces another names its number."""
    if _replaces(permit, context) and not _names_another(permit, context):
        yield Breach(
            "special_conditions[0]",
            say(
                "the permit replaces another and does not say which; write the number of that permit in Box 5"
            ),
        )


@rule("changes.replacement-reason", box="5", source=_REPLACEMENT)
def replacement_reason(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit that replaces another says why."""
    if _replaces(permit, context) and not speaks_of(context.conditions, _REASON):
        yield Breach(
            "special_conditions[0]",
            say(
                "the permit replaces another and does not say why; write the reason in Box 5, "
                "for example that the other was lost, stolen, destroyed, damaged or not used"
            ),
        )


@rule("changes.retrospective", box="5", source=_RETROSPECTIVE, types="ER")
def retrospective(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit that was issued after the shipment says so."""
    shipped = _shipped_before_issue(permit)
    if shipped is None or speaks_of(context.conditions, _AFTERWARDS):
        return
    where, moment = shipped
    yield Breach(
        where,
        say(
            "the shipment is of {shipped}, before the permit was issued on {issued}; "
            "correct the date, or write in Box 5 that the permit was issued retrospectively, and why",
            shipped=moment.date(),
            issued=permit.issued_at.date() if permit.issued_at else "",
        ),
    )


@rule("changes.retrospective-appendix", box="10", source=_RETROSPECTIVE, types="ER")
def retrospective_appendix(permit: Permit, context: Context) -> Iterator[Breach]:
    """No permit is issued retrospectively for specimens of Appendix I."""
    if not speaks_of(context.conditions, _AFTERWARDS) and _shipped_before_issue(permit) is None:
        return
    for where, item, specimen, _ in context.specimens():
        if specimen.appendix and specimen.appendix.value == "I":
            yield Breach(
                f"{where}.appendix",
                say(
                    "{line} is of Appendix I, for which no permit may be issued after the shipment; "
                    "ask the authority of the country of destination",
                    line=item.called,
                ),
            )


@rule("changes.copy", box="1", source=_COPY, severity=Severity.WARNING)
def copy(permit: Permit, context: Context) -> Iterator[Breach]:
    """A copy does not replace the original, except for transit or where Box 5 allows it."""
    if permit.copy and not speaks_of(context.conditions, _COPY_ALLOWED):
        yield Breach(
            "copy",
            say("this is a copy, and a copy does not replace the original; ask for the original"),
        )


@rule("changes.inspected-too-late", box="14", source=_INSPECTION)
def inspected_too_late(permit: Permit, _context: Context) -> Iterator[Breach]:
    """Nothing is endorsed for export after the last day of validity."""
    end = permit.valid_until
    if end is None:
        return
    for where, moment in _inspections(permit):
        if aware(moment) >= end_of_day(end):
            yield Breach(
                where,
                say(
                    "the inspection is of {inspected}, after the last day of the permit, {end}; "
                    "correct the date, or ask for a new permit",
                    inspected=moment.date(),
                    end=end.date(),
                ),
            )


def _replaces(permit: Permit, context: Context) -> bool:
    """Whether Box 5 or the name of a reference says that the permit replaces another."""
    if speaks_of(context.conditions, _REPLACES):
        return True
    return any(speaks_of(name.value, _REPLACED) for one in permit.references for name in one.names)


def _names_another(permit: Permit, context: Context) -> bool:
    """Whether a reference, or a word with digits in Box 5 that is no date, can be another permit's number."""
    for reference in permit.references:
        if not is_type(reference, IMPORT_PERMIT) and any(number.value for number in reference.numbers):
            return True
    for word in _WITH_DIGIT.findall(context.conditions):
        plain = word.strip("().:'\"")
        if plain != permit.number_text and not _DATE.fullmatch(plain):
            return True
    return False


def _shipped_before_issue(permit: Permit) -> tuple[str, datetime] | None:
    """Model path and moment of the first sign that the shipment left on a day before the issue."""
    issued = permit.issued_at
    if issued is None:
        return None
    shipping = permit.transport_document
    if shipping and shipping.issued_at and _earlier(shipping.issued_at, issued):
        return "transport_document.issued_at", shipping.issued_at
    for where, moment in _inspections(permit):
        if _earlier(moment, issued):
            return where, moment
    return None


def _earlier(moment: datetime, issued: datetime) -> bool:
    """Whether a moment lies on an earlier day than the issue, whatever the zones of the two."""
    return moment.date() < issued.date() and aware(moment) < aware(issued)


def _inspections(permit: Permit) -> Iterator[tuple[str, datetime]]:
    """Model path and moment of every inspection (Box 14)."""
    for index, inspection in enumerate(permit.inspections):
        if inspection.at:
            yield f"inspections[{index}].at", inspection.at
    for number, line in enumerate(permit.lines):
        for index, inspection in enumerate(line.inspections):
            if inspection.at:
                yield f"lines[{number}].inspections[{index}].at", inspection.at
