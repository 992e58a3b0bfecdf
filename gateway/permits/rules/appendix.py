"""
What the Appendix of a line demands of the document, as far as one document shows it.

Who listed a species in Appendix III, and whether another permit exists, is not in the document: export
permits for Appendix III always pass here, and the import permits for Appendix I need only be named.
"""

from collections.abc import Iterator

from gateway.permits.findings import Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Permit, Specimen
from gateway.permits.rules.conditions import LIVE
from gateway.permits.rules.context import Context, source_codes
from gateway.permits.rules.pairs import IMPORT_PERMIT
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import say

TRADE = "T"
"""The commercial purpose."""

_EXEMPT = frozenset("DO")
"""Registered operations count as Appendix II (Art. VII.4), pre-Convention specimens are free (Art. VII.2)."""
_WILD = frozenset("WXFR")
"""Sources that the compliance view of Species+ counts as wild or nearly so."""

_EXPORT = "Convention Art. III.2(d)"
_RE_EXPORT = "Convention Art. III.4(c)"
_COMMERCE = "Convention Art. III.3(c); Res. Conf. 5.10; Species+ (SAPI) trade_shipments_appendix_i_view"
_THIRD = "Convention Art. V.3"
_MIXED = "Res. Conf. 12.3 Annex 2, closing note"


@rule("appendix.import-permit-unnamed", box="10", source=_EXPORT, types="E", severity=Severity.WARNING)
def import_permit_unnamed(permit: Permit, context: Context) -> Iterator[Breach]:
    """An export permit for Appendix I refers to the import permit, which must be granted before."""
    strict = [(where, item) for where, item, specimen, _ in context.specimens() if _is_strict(specimen)]
    if not strict or _names_import_permit(permit):
        return
    for where, item in strict:
        yield Breach(
            f"{where}.appendix",
            say(
                "{line} is of Appendix I, and the permit does not refer to an import permit, which must be "
                "granted first; write a reference of type 911 with its number",
                line=item.called,
            ),
        )


@rule("appendix.live-re-export", box="10", source=_RE_EXPORT, types="R", severity=Severity.WARNING)
def live_re_export(permit: Permit, context: Context) -> Iterator[Breach]:
    """A re-export certificate for live specimens of Appendix I refers to the import permit."""
    alive = [
        (where, item)
        for where, item, specimen, product in context.specimens()
        if _is_strict(specimen) and any(term.value in LIVE for term in product.terms)
    ]
    if not alive or _names_import_permit(permit):
        return
    for where, item in alive:
        yield Breach(
            f"{where}.appendix",
            say(
                "{line} is alive and of Appendix I, and the certificate does not refer to an import permit "
                "of the next country; write a reference of type 911 with its number",
                line=item.called,
            ),
        )


@rule("appendix.commercial", box="10", source=_COMMERCE, types="ERI", severity=Severity.WARNING)
def commercial(permit: Permit, context: Context) -> Iterator[Breach]:
    """Specimens of Appendix I of wild source are not traded commercially; pre-Convention ones may be."""
    if not any(code.value == TRADE for code in permit.purposes):
        return
    for where, item, specimen, _ in context.specimens():
        if specimen.appendix is None or specimen.appendix.value != "I":
            continue
        codes = source_codes(specimen.source.value if specimen.source else "")
        if codes & _WILD and "O" not in codes:
            yield Breach(
                f"{where}.source",
                say(
                    "{line} is of Appendix I with the source {code}, and the purpose is T (commercial), "
                    "which the Convention does not allow for wild specimens; compare purpose, source and "
                    "Appendix with the application",
                    line=item.called,
                    code=", ".join(sorted(codes)),
                ),
            )


@rule("appendix.certificate-of-origin", box="10", source=_THIRD, types="O")
def certificate_of_origin(permit: Permit, context: Context) -> Iterator[Breach]:
    """A certificate of origin is only for Appendix III."""
    if kind_of(permit) is not Kind.CERTIFICATE_OF_ORIGIN:
        return
    for where, item, specimen, _ in context.specimens():
        appendix = specimen.appendix.value if specimen.appendix else ""
        if appendix in {"I", "II"}:
            yield Breach(
                f"{where}.appendix",
                say(
                    "{line} is of Appendix {appendix}, and a certificate of origin is only for Appendix III; "
                    "issue an export permit, or correct the Appendix",
                    line=item.called,
                    appendix=appendix,
                ),
            )


@rule("appendix.mixed", box="12", source=_MIXED, types="R", severity=Severity.WARNING)
def mixed(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Exported and re-exported specimens do not stand on one document."""
    exporter = context.exporter
    own = [item for item in context.items if item.origin and item.origin == exporter and not item.last_export]
    if not own or not any(item.last_export or item.origin not in {"", exporter} for item in context.items):
        return
    for item in own:
        yield Breach(
            f"{item.where}.origin.ids[0]",
            say(
                "{line} comes from {country} itself and is exported, other lines are re-exported; write two "
                "documents, or separate them clearly in Box 5",
                line=item.called,
                country=exporter,
            ),
        )


def _is_strict(specimen: Specimen) -> bool:
    """Whether the strict rules of Appendix I are for these specimens."""
    if specimen.appendix is None or specimen.appendix.value != "I":
        return False
    return not _EXEMPT & source_codes(specimen.source.value if specimen.source else "")


def _names_import_permit(permit: Permit) -> bool:
    """Whether the permit refers to an import permit by its number."""
    return any(
        reference.type is not None
        and reference.type.value == IMPORT_PERMIT
        and any(number.value for number in reference.numbers)
        for reference in permit.references
    )
