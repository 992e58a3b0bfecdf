"""
The other permits of a consignment: whether those that the Convention demands are there and fit.

What their lines say is compared in `agreement`, and the chain of re-exports in `chains`.
"""

from collections.abc import Iterator

from gateway.permits.days import aware, end_of_day, months_later
from gateway.permits.findings import Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Permit
from gateway.permits.rules.conditions import LIVE
from gateway.permits.rules.context import Context, source_codes
from gateway.permits.rules.pairs import (
    EXPORT_TYPES,
    FREE_SOURCES,
    cited_import_permits,
    partners,
    strict_places,
    titled,
)
from gateway.permits.rules.registry import Breach, Need, rule
from gateway.wording import say

ENTRY_MONTHS = 6
"""EU Reg. 865/2006 Annex I instruction 2: entry within six months of the issue of the foreign document."""

_FIRST = "Convention Art. III.3, VII.2 and VII.4"
_SECOND = "Convention Art. IV.4 and IV.5"
_THIRD = "Convention Art. V.2 to V.4"
_VOID = "EU Reg. 865/2006 Annex I instruction 2 (European Union only)"
_TOGETHER = "Convention Art. III.2(d) and III.3; Res. Conf. 12.3 Annex 2 (boxes 3a and 4)"


@rule(
    "counterparts.import-permit",
    box="10",
    source="Convention Art. III.2(d)",
    needs=Need.COUNTERPART,
    types="E",
)
def import_permit(permit: Permit, context: Context) -> Iterator[Breach]:
    """An export permit for Appendix I stands beside an import permit, or refers to one."""
    for where, item, _ in strict_places(context):
        if not _has_import_permit(permit, context):
            yield Breach(
                where,
                say(
                    "{line} is of Appendix I, and no import permit is presented or referred to; "
                    "ask for the import permit, which must be granted first",
                    line=item.called,
                ),
            )
        return


@rule(
    "counterparts.live-re-export",
    box="10",
    source="Convention Art. III.4(c)",
    severity=Severity.WARNING,
    needs=Need.COUNTERPART,
    types="R",
)
def live_re_export(permit: Permit, context: Context) -> Iterator[Breach]:
    """A re-export certificate for live Appendix I stands beside an import permit, or refers to one."""
    for where, item, terms in strict_places(context):
        if LIVE.isdisjoint(terms):
            continue
        if not _has_import_permit(permit, context):
            yield Breach(
                where,
                say(
                    "{line} is alive and of Appendix I, and no import permit is presented or referred to; "
                    "ask for the import permit of the next country",
                    line=item.called,
                ),
            )
        return


@rule("counterparts.import-permit-later", box="13", source=_TOGETHER, needs=Need.COUNTERPART, types="E")
def import_permit_later(permit: Permit, context: Context) -> Iterator[Breach]:
    """The import permit for specimens of Appendix I is granted before the export permit."""
    issued = permit.issued_at
    if issued is None or next(strict_places(context), None) is None:
        return
    for other in partners(context):
        granted = other.issued_at
        if granted and granted.date() > issued.date() and aware(granted) > aware(issued):
            yield Breach(
                "issued_at",
                say(
                    "the import permit ({other}) is of {granted}, later than this export permit of {issued}; "
                    "for Appendix I the import permit must be granted first: correct the date, or ask why",
                    other=titled(other),
                    granted=granted.date(),
                    issued=issued.date(),
                ),
            )


@rule("counterparts.export-first", box="10", source=_FIRST, needs=Need.COUNTERPART, types="I")
def export_first(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An import of Appendix I needs an export permit or re-export certificate beside the import permit."""
    yield from _alone(context, "I")


@rule("counterparts.export-second", box="10", source=_SECOND, needs=Need.COUNTERPART, types="I")
def export_second(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An import of Appendix II needs an export permit or re-export certificate."""
    yield from _alone(context, "II")


@rule("counterparts.export-third", box="10", source=_THIRD, needs=Need.COUNTERPART, types="I")
def export_third(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An import of Appendix III needs an export permit, re-export certificate or certificate of origin."""
    yield from _alone(context, "III")


@rule("counterparts.import-void", box="2", source=_VOID, needs=Need.COUNTERPART, types="I")
def import_void(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An import permit is void when the foreign document was used too late."""
    for other in partners(context):
        end, issued = other.valid_until, other.issued_at
        left = max((aware(one.at) for one in other.inspections if one.at), default=context.at)
        if end is not None and left >= end_of_day(end):
            yield Breach(
                "validity.end",
                say(
                    "{other} was valid until {end} and was used after that day; "
                    "the import permit is void with it: ask for new documents",
                    other=titled(other),
                    end=end.date(),
                ),
            )
        elif issued is not None and context.at.date() > months_later(issued.date(), ENTRY_MONTHS):
            yield Breach(
                "validity.end",
                say(
                    "{other} was issued on {issued}, more than {months} months before the entry; "
                    "the import permit is void with it: ask for new documents",
                    other=titled(other),
                    issued=issued.date(),
                    months=ENTRY_MONTHS,
                ),
            )


@rule("counterparts.number-differs", box="1", source=_TOGETHER, needs=Need.COUNTERPART, types="ERI")
def number_differs(permit: Permit, context: Context) -> Iterator[Breach]:
    """The import permit that an export document refers to is the one that it is presented with."""
    others = partners(context)
    if not others:
        return
    if context.type == "I":
        for other in others:
            cited = cited_import_permits(other)
            if cited and permit.number_text not in cited:
                yield Breach(
                    "number",
                    say(
                        "{other} refers to the import permit {cited}, and this one is {number}; "
                        "find the import permit that belongs to it",
                        other=titled(other),
                        cited=", ".join(cited),
                        number=permit.number_text,
                    ),
                )
        return
    cited = cited_import_permits(permit)
    if cited and cited.keys().isdisjoint(other.number_text for other in others):
        number, where = next(iter(cited.items()))
        yield Breach(
            where,
            say(
                "this permit refers to the import permit {number}, and the one presented is {other}; "
                "correct the number, or find the import permit that belongs to it",
                number=number,
                other=titled(others[0]),
            ),
        )


@rule("counterparts.countries-differ", box="3a", source=_TOGETHER, needs=Need.COUNTERPART, types="ERI")
def countries_differ(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Documents of one consignment name the same country of export and the same country of import."""
    for other in partners(context):
        for where, box, here, there in (
            ("exporter.address.countries[0]", "4", context.exporter, other.exporter_country),
            ("importer.address.countries[0]", "3a", context.importer, other.importer_country),
        ):
            if here and there and here != there:
                yield Breach(
                    where,
                    say(
                        "here the country is {here}, in {other} it is {there}; "
                        "the two documents are not for one consignment, or one of them must be corrected",
                        here=here,
                        other=titled(other),
                        there=there,
                    ),
                    box,
                )


def _has_import_permit(permit: Permit, context: Context) -> bool:
    """Whether an import permit is among the counterparts, or the permit refers to one."""
    return bool(partners(context) or cited_import_permits(permit))


def _alone(context: Context, appendix: str) -> Iterator[Breach]:
    """A breach for the first specimen of an Appendix that no document of the country of export covers."""
    for where, item, specimen, _ in context.specimens():
        if specimen.appendix is None or specimen.appendix.value != appendix:
            continue
        codes = source_codes(specimen.source.value) if specimen.source else frozenset()
        if not any(_covers(other, appendix, codes) for other in context.counterparts):
            yield Breach(
                f"{where}.appendix",
                say(
                    "{line} is of Appendix {appendix}, and no export permit or re-export certificate is "
                    "presented; ask for it, the import permit alone is not enough",
                    line=item.called,
                    appendix=appendix,
                ),
            )
            return


def _covers(other: Permit, appendix: str, sources: frozenset[str]) -> bool:
    """
    Whether a document lets specimens of an Appendix leave a country.

    Export permits and re-export certificates always do; a certificate of origin does for Appendix III, other
    certificates for Appendix II and for what counts as less than Appendix I (Art. VII).
    """
    if other.type_code in EXPORT_TYPES:
        return True
    if other.type_code != "O":
        return False
    if appendix == "III":
        return True
    return kind_of(other) is not Kind.CERTIFICATE_OF_ORIGIN and (
        appendix == "II" or bool(sources & FREE_SOURCES)
    )
