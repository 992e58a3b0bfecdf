"""Where the specimens come from: country and permit of origin (Box 12)."""

from collections.abc import Iterator

from gateway.permits.codes import Status
from gateway.permits.findings import Area, Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Country, Permit
from gateway.permits.phrases import speaks_of
from gateway.permits.rules.context import Context, Item
from gateway.permits.rules.references import ORIGIN_PERMIT, lacks, place_of
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import say

UNKNOWN = "XX"
"""Origin unknown: no country, and right in Box 12."""
SEA = "ZZ"
"""Introduction from the sea: no country, and right in Box 12."""
ORIGIN_CODES = frozenset({UNKNOWN, SEA})

_JUSTIFIED = (" origin ", " origine ", " origen ")
"""A word of Box 5 that shows that it speaks of the origin; nobody but a reader can judge the reason."""

_CODES = "Res. Conf. 12.3 Annex 2, notes 12 and 12a; ISO 3166-1 alpha-2"
_ORIGIN = "Res. Conf. 12.3 (section on export permits and re-export certificates) and Annex 2, note 12"
_EXPORT = "EPIX form footnote (Box 12 only for re-export); distinct-values rule of Species+ (SAPI)"
_SEA = "Convention Art. III.5 and IV.6; definition of source X; Guidelines for CITES annual reports (ZZ)"


@rule("lines.country-unknown", box="12", source=_CODES, area=Area.CODES)
def country_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of origin or of last re-export is in the list."""
    known = context.lists.country.entries
    for item in context.items:
        line = item.line
        if line.origin is None and line.last_export is None:
            continue
        for where, box, code in _countries(item):
            if code not in known:
                yield Breach(
                    where,
                    say(
                        "the country code is '{code}'; write the two capital letters of ISO 3166-1, XX when "
                        "the origin is unknown, or ZZ for introduction from the sea",
                        code=code,
                    ),
                    box,
                )


@rule("lines.country-not-current", box="12", source=_CODES, area=Area.CODES, severity=Severity.WARNING)
def country_not_current(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of origin or of last re-export is a country of today, XX or ZZ."""
    known = context.lists.country.entries
    for item in context.items:
        line = item.line
        if line.origin is None and line.last_export is None:
            continue
        for where, box, code in _countries(item):
            entry = known.get(code)
            if entry is not None and entry.status is not Status.CURRENT and code not in ORIGIN_CODES:
                yield Breach(
                    where,
                    say(
                        "the country code is {code} ({meaning}), which is no country of today; write the "
                        "present code of ISO 3166-1",
                        code=code,
                        meaning=entry.meaning,
                    ),
                    box,
                )


@rule("origin.country-missing", box="12", source=_ORIGIN, types="R")
def country_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line of a re-export certificate names the country of origin, or Box 5 says why it does not."""
    without = [item for item in context.items if not item.origin]
    if not without or _justified(context):
        return
    for item in without:
        yield Breach(
            f"{item.where}.origin.ids[0]",
            say(
                "{line} names no country of origin; write its code, or XX when it is unknown and the reason "
                "in Box 5",
                line=item.called,
            ),
        )


@rule("origin.unknown-unexplained", box="12", source=_ORIGIN, types="R")
def unknown_unexplained(_permit: Permit, context: Context) -> Iterator[Breach]:
    """When a re-export certificate says that the origin is unknown, Box 5 says why."""
    unknown = [item for item in context.items if item.origin == UNKNOWN]
    if not unknown or _justified(context):
        return
    for item in unknown:
        yield Breach(
            f"{item.where}.origin.ids[0]",
            say(
                "the origin of {line} is XX (unknown), and Box 5 does not speak of the origin; "
                "write there why it is not known",
                line=item.called,
            ),
        )


@rule("origin.permit-missing", box="12", source=_ORIGIN, types="R")
def permit_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """
    Every line of a re-export certificate gives number and date of the permit of the country of origin.

    A line without a country of origin has a rule of its own, and a pre-Convention specimen may have left its
    country before there were permits.
    """
    lacking = [
        (item, lack)
        for item in context.items
        if item.origin and item.origin != UNKNOWN and "O" not in item.sources
        if (lack := lacks(item.line, ORIGIN_PERMIT)) is not None
    ]
    if not lacking or _justified(context):
        return
    for item, lack in lacking:
        yield Breach(
            f"{item.where}.references[{place_of(item.line, ORIGIN_PERMIT)}]",
            say(
                "{line} comes from {country}, and the reference to the permit of origin lacks {lack}; "
                "write a reference of type 861 with number and date, or say in Box 5 why the permit of "
                "origin is not known",
                line=item.called,
                country=item.origin,
                lack=lack,
            ),
        )


@rule("origin.export-from-itself", box="12", source=_EXPORT, types="E", severity=Severity.WARNING)
def export_from_itself(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An export permit does not repeat the exporting country as country of origin."""
    for item in context.items:
        if item.origin and item.origin == context.exporter:
            yield Breach(
                f"{item.where}.origin.ids[0]",
                say(
                    "the origin of {line} is {country}, the exporting country; leave Box 12 empty on an "
                    "export permit",
                    line=item.called,
                    country=item.origin,
                ),
            )


@rule("origin.export-from-elsewhere", box="12", source=_EXPORT, types="E", severity=Severity.WARNING)
def export_from_elsewhere(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An export permit is not for specimens that come from another country: they are re-exported."""
    for item in context.items:
        origin = item.origin
        if origin and context.exporter and origin != context.exporter and origin not in ORIGIN_CODES:
            yield Breach(
                f"{item.where}.origin.ids[0]",
                say(
                    "the origin of {line} is {country}, and the exporting country is {exporter}; if the "
                    "specimens were imported, issue a re-export certificate (type R), else empty Box 12",
                    line=item.called,
                    country=origin,
                    exporter=context.exporter,
                ),
            )


@rule("origin.sea-appendix", box="10", source=_SEA, types="O")
def sea_appendix(permit: Permit, context: Context) -> Iterator[Breach]:
    """A certificate of introduction from the sea is for Appendix I or II."""
    if kind_of(permit) is not Kind.INTRODUCTION_FROM_THE_SEA:
        return
    for where, item, specimen, _ in context.specimens():
        if specimen.appendix is not None and specimen.appendix.value == "III":
            yield Breach(
                f"{where}.appendix",
                say(
                    "{line} is introduced from the sea and of Appendix III, for which no such certificate is "
                    "issued; correct the Appendix, or remove the line",
                    line=item.called,
                ),
            )


@rule("origin.sea-source", box="10", source=_SEA, types="O")
def sea_source(permit: Permit, context: Context) -> Iterator[Breach]:
    """Specimens on a certificate of introduction from the sea have source X."""
    if kind_of(permit) is not Kind.INTRODUCTION_FROM_THE_SEA:
        return
    for where, item, specimen, _ in context.specimens():
        text = specimen.source.value if specimen.source else ""
        if text and "X" not in text:
            yield Breach(
                f"{where}.source",
                say(
                    "{line} is introduced from the sea and has the source '{code}'; write X",
                    line=item.called,
                    code=text,
                ),
            )


@rule("origin.sea-country", box="12", source=_SEA, types="O")
def sea_country(permit: Permit, context: Context) -> Iterator[Breach]:
    """The origin on a certificate of introduction from the sea, when it is given, is ZZ."""
    if kind_of(permit) is not Kind.INTRODUCTION_FROM_THE_SEA:
        return
    for item in context.items:
        if item.origin and item.origin != SEA:
            yield Breach(
                f"{item.where}.origin.ids[0]",
                say(
                    "{line} is introduced from the sea and has the origin {country}; write ZZ, or leave "
                    "Box 12 empty",
                    line=item.called,
                    country=item.origin,
                ),
            )


def _countries(item: Item) -> Iterator[tuple[str, str, str]]:
    """Model path, box and code of every country of boxes 12 and 12a."""
    boxes: tuple[tuple[str, str, Country | None], ...] = (
        ("origin", "12", item.line.origin),
        ("last_export", "12a", item.line.last_export),
    )
    for name, box, country in boxes:
        for number, code in enumerate(country.ids if country else ()):
            if code.value:
                yield f"{item.where}.{name}.ids[{number}]", box, code.value


def _justified(context: Context) -> bool:
    """Whether Box 5 speaks of the origin."""
    return speaks_of(context.conditions, _JUSTIFIED)
