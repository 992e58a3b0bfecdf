"""What the lines are about: species (Box 7), specimen (Box 9), Appendix and source (Box 10)."""

import re
from collections.abc import Iterator

from gateway.permits.codes import CodeList, Status
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Permit, Product, Specimen
from gateway.permits.rules.lines import called
from gateway.permits.rules.registry import Breach, Context, rule

SECOND_SOURCES = frozenset("IO")
"""Confiscated and pre-Convention go with a second code (50 CFR 23.24; Res. Conf. 12.3 Annex 2, note 10)."""
TWO = 2

_CONTENT = "50 CFR 23.23(c); presence rules of Species+ (SAPI)"
_APPENDIX = "50 CFR 23.23(c)(1); Res. Conf. 12.3 Annex 2, note 10"
_SOURCE = "Res. Conf. 12.3 (source codes, paragraph 3 j in the CoP18 text); 50 CFR 23.24"
_TERM = "Guidelines for CITES annual reports (terms); 50 CFR 23.23(c)"

_SOURCES = re.compile(r"([A-Z])(?:[ /,+-]{0,2}([A-Z]))?")


@rule("lines.name-missing", box="7", source=_CONTENT)
def name_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """Every line has the scientific name of a species."""
    for where, who, _, product in _specimens(permit):
        if not any(name.value.strip() for name in product.scientific_names):
            yield Breach(
                f"{where}.product.scientific_names[0]",
                f"{who} has no scientific name; write it as it stands in the Appendices",
            )


@rule("lines.appendix-missing", box="10", source=_APPENDIX)
def appendix_missing(permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has the Appendix of the species."""
    for where, who, specimen, _ in _specimens(permit):
        if specimen.appendix is None or not specimen.appendix.value:
            yield Breach(
                f"{where}.appendix", f"{who} has no Appendix; write {context.lists.appendix.words()}"
            )


@rule("lines.appendix-unknown", box="10", source=_APPENDIX, area=Area.CODES)
def appendix_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The Appendix is I, II or III."""
    for where, who, specimen, _ in _specimens(permit):
        code = specimen.appendix.value if specimen.appendix else ""
        if code and not _is_current(context.lists.appendix, code):
            yield Breach(
                f"{where}.appendix",
                f"the Appendix of {who} is '{code}'; write one of {context.lists.appendix.words()}",
            )


@rule("lines.source-missing", box="10", source=_SOURCE)
def source_missing(permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has the source of the specimens."""
    for where, who, specimen, _ in _specimens(permit):
        if specimen.source is None or not specimen.source.value:
            yield Breach(
                f"{where}.source", f"{who} has no source; write one of {context.lists.source.words()}"
            )


@rule("lines.source-unknown", box="10", source=_SOURCE, area=Area.CODES)
def source_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The source is one code of the list, or two when one of them is I or O."""
    for where, who, specimen, _ in _specimens(permit):
        text = specimen.source.value if specimen.source else ""
        if text and not _is_source(text, context.lists.source):
            yield Breach(
                f"{where}.source",
                f"the source of {who} is '{text}'; write one of {context.lists.source.words()}, "
                "or I or O together with another",
            )


@rule("lines.specimen-missing", box="9", source=_CONTENT)
def specimen_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """Every line says what the specimens are, by term code or in words."""
    for where, who, _, product in _specimens(permit):
        described = any(text.value.strip() for text in product.descriptions)
        if not described and not any(term.value for term in product.terms):
            yield Breach(
                f"{where}.product.terms[0]",
                f"{who} does not say what the specimens are; write a term code, for example LIV or SKI, "
                "or a description",
            )


@rule("lines.term-unknown", box="9", source=_TERM, area=Area.CODES)
def term_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """A term code is in the list."""
    for where, who, code in _terms(permit):
        if code not in context.lists.term:
            yield Breach(
                where,
                f"the term code of {who} is '{code}', which is not in the list; write a current one, for "
                "example LIV, SKI or LPS, or describe the specimens in words",
            )


@rule("lines.term-legacy", box="9", source=_TERM, area=Area.CODES, severity=Severity.WARNING)
def term_legacy(permit: Permit, context: Context) -> Iterator[Breach]:
    """A term code is one of today."""
    for where, who, code in _terms(permit):
        entry = context.lists.term.get(code)
        if entry is not None and entry.status is not Status.CURRENT:
            instead = f"write {entry.replaced_by}" if entry.replaced_by else "describe the specimens in words"
            hint = f" ({entry.note})" if entry.note else ""
            yield Breach(
                where,
                f"the term code of {who} is {code} ({entry.meaning}), which is not in use any more; "
                f"{instead}{hint}",
            )


def _is_current(codes: CodeList, code: str) -> bool:
    """Whether a code may be written today."""
    entry = codes.get(code)
    return entry is not None and entry.status is Status.CURRENT


def _is_source(text: str, sources: CodeList) -> bool:
    """Whether a source is one code, or two different ones of which one is I or O."""
    match = _SOURCES.fullmatch(text)
    if match is None:
        return False
    codes = {code for code in match.groups() if code}
    if any(code not in sources for code in codes):
        return False
    return match[2] is None or (len(codes) == TWO and bool(codes & SECOND_SOURCES))


def _specimens(permit: Permit) -> Iterator[tuple[str, str, Specimen, Product]]:
    """Model path, name of the line, specimen and product of every line; empty ones where there are none."""
    for index, line in enumerate(permit.lines):
        for number, specimen in enumerate(line.specimens or (_NOTHING,)):
            where = f"lines[{index}].specimens[{number}]"
            yield where, called(index, line), specimen, specimen.product or _NO_PRODUCT


def _terms(permit: Permit) -> Iterator[tuple[str, str, str]]:
    """Model path, name of the line, and code of every term."""
    for where, who, _, product in _specimens(permit):
        for number, term in enumerate(product.terms):
            if term.value:
                yield f"{where}.product.terms[{number}]", who, term.value


_NOTHING = Specimen()
_NO_PRODUCT = Product()
