"""What the lines are about: species (Box 7), specimen (Box 9), Appendix and source (Box 10)."""

import re
from collections.abc import Iterator

from gateway.permits.codes import CodeList, Status
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Permit
from gateway.permits.rules.context import Context, source_codes
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import phrase, say

SECOND_SOURCES = frozenset("IO")
"""Confiscated and pre-Convention go with a second code (50 CFR 23.24; Res. Conf. 12.3 Annex 2, note 10)."""
TWO = 2
_CONFISCATED_UNKNOWN = frozenset("IU")

_CONTENT = "50 CFR 23.23(c); presence rules of Species+ (SAPI)"
_APPENDIX = "50 CFR 23.23(c)(1); Res. Conf. 12.3 Annex 2, note 10"
_SOURCE = "Res. Conf. 12.3 (source codes, paragraph 3 j in the CoP18 text); 50 CFR 23.24"
_CONFISCATED = "Res. Conf. 12.3 Annex 2, note 10; DEFRA source-code form"
_OPERATION = "Convention Art. VII.4; 50 CFR 23.24(c); definitions of the source codes"
_TERM = "Guidelines for CITES annual reports (terms); 50 CFR 23.23(c)"

_DIGIT = re.compile(r"[0-9]")
_SOURCES = re.compile(r"([A-Z])(?:[ /,+-]{0,2}([A-Z]))?")


@rule("lines.name-missing", box="7", source=_CONTENT)
def name_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has the scientific name of a species."""
    for where, item, _, product in context.specimens():
        names = product.scientific_names
        if names and names[0].value.strip():
            continue
        if not any(name.value.strip() for name in names):
            yield Breach(
                f"{where}.product.scientific_names[0]",
                say(
                    "{line} has no scientific name; write it as it stands in the Appendices", line=item.called
                ),
            )


@rule("lines.appendix-missing", box="10", source=_APPENDIX)
def appendix_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has the Appendix of the species."""
    for where, item, specimen, _ in context.specimens():
        if specimen.appendix is None or not specimen.appendix.value:
            yield Breach(
                f"{where}.appendix",
                say(
                    "{line} has no Appendix; write one of {codes}",
                    line=item.called,
                    codes=context.lists.appendix.words(),
                ),
            )


@rule("lines.appendix-unknown", box="10", source=_APPENDIX, area=Area.CODES)
def appendix_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The Appendix is I, II or III."""
    appendices = context.lists.appendix.entries
    for where, item, specimen, _ in context.specimens():
        code = specimen.appendix.value if specimen.appendix else ""
        if not code:
            continue
        entry = appendices.get(code)
        if entry is None or entry.status is not Status.CURRENT:
            yield Breach(
                f"{where}.appendix",
                say(
                    "the Appendix of {line} is '{code}'; write one of {codes}",
                    line=item.called,
                    code=code,
                    codes=context.lists.appendix.words(),
                ),
            )


@rule("lines.source-missing", box="10", source=_SOURCE)
def source_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has the source of the specimens."""
    for where, item, specimen, _ in context.specimens():
        if specimen.source is None or not specimen.source.value:
            yield Breach(
                f"{where}.source",
                say(
                    "{line} has no source; write one of {codes}",
                    line=item.called,
                    codes=context.lists.source.words(),
                ),
            )


@rule("lines.source-unknown", box="10", source=_SOURCE, area=Area.CODES)
def source_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The source is one code of the list, or two when one of them is I or O."""
    sources = context.lists.source
    for where, item, specimen, _ in context.specimens():
        text = specimen.source.value if specimen.source else ""
        if text and text not in sources.entries and not _is_pair(text, sources):
            yield Breach(
                f"{where}.source",
                say(
                    "the source of {line} is '{code}'; write one of {codes}, or I or O together with another",
                    line=item.called,
                    code=text,
                    codes=sources.words(),
                ),
            )


@rule("specimens.confiscated-alone", box="10", source=_CONFISCATED, severity=Severity.WARNING)
def confiscated_alone(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Source I (confiscated) goes with the code of the source before, which is not U."""
    for where, item, specimen, _ in context.specimens():
        text = specimen.source.value if specimen.source else ""
        if "I" in text and (text == "I" or source_codes(text) == _CONFISCATED_UNKNOWN):
            yield Breach(
                f"{where}.source",
                say(
                    "the source of {line} is '{code}', confiscated or seized; write with it the code that "
                    "the specimens had before, for example I/W, and not U",
                    line=item.called,
                    code=text,
                ),
            )


@rule("specimens.pre-convention-alone", box="10", source=_SOURCE)
def pre_convention_alone(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Source O (pre-Convention) goes with a second code."""
    for where, item, specimen, _ in context.specimens():
        if specimen.source is not None and specimen.source.value == "O":
            yield Breach(
                f"{where}.source",
                say(
                    "the source of {line} is O, pre-Convention, and no second code says where the specimens "
                    "come from; write both, for example O/W",
                    line=item.called,
                ),
            )


@rule("specimens.operation-appendix", box="10", source=_OPERATION)
def operation_appendix(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Source D (registered commercial breeding or propagation) is only for Appendix I."""
    for where, item, specimen, _ in context.specimens():
        if specimen.source is None or "D" not in specimen.source.value:
            continue
        appendix = specimen.appendix.value if specimen.appendix else ""
        if appendix in {"II", "III"}:
            yield Breach(
                f"{where}.source",
                say(
                    "the source of {line} is '{code}', and D is only for specimens of Appendix I, "
                    "which this line is not (Appendix {appendix}); write C for animals, A for plants, "
                    "or correct the Appendix",
                    line=item.called,
                    code=specimen.source.value,
                    appendix=appendix,
                ),
            )


@rule(
    "specimens.ranched-unmarked",
    box="9",
    source="Res. Conf. 11.16 (ranching: products are identified by a uniform marking; from memory)",
    severity=Severity.WARNING,
)
def ranched_unmarked(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Ranched specimens of Appendix II bear marks, in Box 9 or named in the description."""
    for where, item, specimen, product in context.specimens():
        appendix = specimen.appendix.value if specimen.appendix else ""
        if specimen.source is None or "R" not in specimen.source.value or appendix == "I":
            continue
        marked = any(marking.value.strip() for marks in item.line.marks for marking in marks.markings)
        # Message version v1 has no element for marks: there a number in the description stands for them.
        if not marked and not any(_DIGIT.search(text.value) for text in product.descriptions):
            yield Breach(
                f"{where}.product.descriptions[0]",
                say(
                    "{line} is of source R (ranched) and bears no mark; write the numbers of the tags or "
                    "other marks in Box 9",
                    line=item.called,
                ),
            )


@rule("lines.specimen-missing", box="9", source=_CONTENT)
def specimen_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line says what the specimens are, by term code or in words."""
    for where, item, _, product in context.specimens():
        terms = product.terms
        if terms and (terms[0].value or any(term.value for term in terms)):
            continue
        if not any(text.value.strip() for text in product.descriptions):
            yield Breach(
                f"{where}.product.terms[0]",
                say(
                    "{line} does not say what the specimens are; write a term code, for example LIV or SKI, "
                    "or a description",
                    line=item.called,
                ),
            )


@rule("lines.term-unknown", box="9", source=_TERM, area=Area.CODES)
def term_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A term code is in the list."""
    known = context.lists.term.entries
    for where, item, _, product in context.specimens():
        for number, term in enumerate(product.terms):
            if term.value and term.value not in known:
                yield Breach(
                    f"{where}.product.terms[{number}]",
                    say(
                        "the term code of {line} is '{code}', which is not in the list; write a current one, "
                        "for example LIV, SKI or LPS, or describe the specimens in words",
                        line=item.called,
                        code=term.value,
                    ),
                )


@rule("lines.term-legacy", box="9", source=_TERM, area=Area.CODES, severity=Severity.WARNING)
def term_legacy(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A term code is one of today."""
    known = context.lists.term.entries
    for where, item, _, product in context.specimens():
        for number, term in enumerate(product.terms):
            entry = known.get(term.value)
            if entry is None or entry.status is Status.CURRENT:
                continue
            if entry.replaced_by:
                advice = say("write {code}", code=entry.replaced_by)
            else:
                advice = say("describe the specimens in words")
            message = say(
                "the term code of {line} is {code} ({meaning}), which is not in use any more; {advice}",
                line=item.called,
                code=term.value,
                meaning=entry.meaning,
                advice=advice,
            )
            if entry.note:
                message = say("{what} ({note})", what=message, note=phrase(entry.note))
            yield Breach(f"{where}.product.terms[{number}]", message)


def _is_pair(text: str, sources: CodeList) -> bool:
    """Whether a source is two different codes of the list of which one is I or O, however they are joined."""
    match = _SOURCES.fullmatch(text)
    if match is None or match[2] is None:
        return False
    codes = {match[1], match[2]}
    return len(codes) == TWO and bool(codes & SECOND_SOURCES) and all(code in sources for code in codes)
