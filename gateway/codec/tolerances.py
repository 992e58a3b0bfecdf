"""
Tolerances for what stands inside a permit: values that are none, or written otherwise, or somewhere else.

Each function changes a `Draft` until it is what a strict sender would have written, and notes every place.
"""

import copy
import re
from collections.abc import Hashable, Iterator

from lxml import etree

from gateway.codec.binding import Field, Group
from gateway.codec.draft import Draft, children, elements, is_signature, listed, shown
from gateway.codec.leaves import collapse
from gateway.codec.wrappings import SAMPLES
from gateway.permits.days import aware
from gateway.permits.findings import Severity
from gateway.permits.model import Period, Reference
from gateway.permits.rules.process import PROCESS
from gateway.wording import say
from gateway.xmlio.find import text_of
from gateway.xmlio.names import local_name

PERMIT_TYPES = {"811": "E", "861": "O", "911": "I"}
"""Box 1: from numbers of UNTDID 1001 (export licence, certificate of origin, import licence) to letters."""

CERTIFICATE_OF_ORIGIN = "Certificate of origin"
"""Box 1 in words when the number was 861 (UNTDID 1001)."""

REFERENCE_TYPES = {"E": "861", "R": "811"}
"""Boxes 12 and 12a: from letters to the numbers that senders agreed on."""

_TYPES = "UNTDID 1001; EPIX form view (boxes 1, 12 and 12a)"
_VALIDITY = "Response samples of the EPIX hub; IATA ONE Record mapping (Box 2)"

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
"""xs:date."""
_PLACEHOLDER = "?"
_WHITE = " \t\n\r"


def placeholder(draft: Draft) -> None:
    """A question mark stands where a value should be: in an attribute, or as the whole text."""
    for element in list(elements(draft.root)):
        marked = [key for key, value in element.attrib.items() if value.strip(_WHITE) == _PLACEHOLDER]
        if marked:
            message = say(
                "{name} has the placeholder ? in {attributes}, which was read as absent; write the value, or "
                "leave the attribute out",
                name=shown(local_name(str(element.tag))),
                attributes=listed(local_name(str(key)) for key in marked),
            )
            draft.note("tolerated.placeholder", element, message, source=SAMPLES)
            for key in marked:
                del element.attrib[key]
        if text_of(element).strip(_WHITE) == _PLACEHOLDER and not children(element):
            message = say(
                "{name} is the placeholder ?, which was read as empty; write the value, or leave {name} out",
                name=shown(local_name(str(element.tag))),
            )
            draft.note("tolerated.placeholder", element, message, source=SAMPLES)
            draft.write(element, "")


def empty_element(draft: Draft) -> None:
    """
    An element has neither text nor anything in it but such elements.

    Beside stray text nothing is taken away: that is wrong in another way, and the schema says so.
    """
    everything = list(elements(draft.root))
    kept: set[etree._Element | None] = {draft.root, *children(draft.root)}
    mixed: set[etree._Element | None] = set()
    for element in reversed(everything):
        if text_of(element).strip(_WHITE):
            kept.add(element)
            mixed.add(element)
        elif any(is_signature(child) for child in element):
            kept.add(element)
        if element in kept:
            kept.add(element.getparent())
    for element in everything:
        parent = element.getparent()
        # Of an element that goes, what is in it goes too, and is not a place of its own.
        if element in kept or parent not in kept or parent in mixed:
            continue
        name = shown(local_name(str(element.tag)))
        if children(element):
            message = say(
                "{name} holds nothing but empty elements and was read as absent; leave it out, or write the "
                "values",
                name=name,
            )
        else:
            message = say(
                "{name} is empty and was read as absent; leave it out, or write the value", name=name
            )
        draft.note("tolerated.empty-element", element, message, source=SAMPLES)
        draft.remove(element)


def date_only(draft: Draft) -> None:
    """A date stands where a date and time is due; all such elements have names that end in DateTime."""
    for element in elements(draft.root):
        if not str(element.tag).endswith("DateTime") or children(element):
            continue
        found = collapse(text_of(element))
        match = _DATE.fullmatch(found)
        if match is None:
            continue
        value = f"{match[1]}T00:00:00{match[2] or ''}"
        message = say(
            "{name} is the date {found} without a time and was read as {value}; write date, time and zone, "
            "for example 2026-11-23T10:00:00Z",
            name=local_name(str(element.tag)),
            found=found,
            value=value,
        )
        draft.note("tolerated.date-only", element, message, source="Schemas of v1 and v2 (xs:dateTime)")
        draft.write(element, value)


def repeated_value(draft: Draft) -> None:
    """
    An element stands more often than its version allows, or the same line letter or quantity stands again.

    The first counts, as on the form. Two different letters or quantities of a line are left to the rules, and
    what stands beside stray text to the schema.
    """
    once = {id(draft.field("lines", name)) for name in ("ids", "packages")}
    for parent, parts in draft.known():
        if text_of(parent).strip(_WHITE):
            continue
        limits = {
            part.tag: (most, id(part) in once)
            for part in parts
            if (most := _most(part)) is not None or id(part) in once
        }
        for tag, (most, same_once) in limits.items():
            _shorten(draft, list(parent.iterchildren(tag)), most, same_once=same_once)


def context_case(draft: Draft) -> None:
    """The name of the process has other capitals or spaces than the fixed value."""
    for element in draft.at("context", "processes", "value"):
        found = text_of(element)
        if found == PROCESS or collapse(found).upper() != PROCESS:
            continue
        message = say(
            "the name of the process is '{found}' and was read as {process}; write it in capital letters, "
            "without spaces around it",
            found=shown(found),
            process=PROCESS,
        )
        source = f"Toolkit 2.0, schema page 011 (fixed value); {SAMPLES}"
        draft.note("tolerated.context-case", element, message, source=source)
        draft.write(element, PROCESS)


def type_alias(draft: Draft) -> None:
    """Numbers stand for the letters of Box 1, or letters for the numbers of boxes 12 and 12a."""
    for element in draft.at("type"):
        found = collapse(text_of(element))
        letter = PERMIT_TYPES.get(found)
        if letter is None:
            continue
        message = say(
            "the type of the permit is {found} and was read as {letter}; write the letter E, R, I or O",
            found=found,
            letter=letter,
        )
        draft.note("tolerated.type-alias", element, message, source=_TYPES)
        draft.write(element, letter)
        if letter == "O" and not draft.at("names"):
            name = etree.Element(draft.field("names").tag)
            name.text = CERTIFICATE_OF_ORIGIN
            element.addprevious(name)
            draft.adopt(name, element)
    for element in draft.at("lines", "references", "type"):
        found = collapse(text_of(element))
        number = REFERENCE_TYPES.get(found)
        if number is None:
            continue
        message = say(
            "the type of the referenced document is {found} and was read as {number}; write 861 for the "
            "permit of the country of origin (Box 12), 811 for the certificate of last re-export (Box 12a)",
            found=found,
            number=number,
        )
        draft.note("tolerated.type-alias", element, message, source=_TYPES)
        draft.write(element, number)


def validity_place(draft: Draft) -> None:
    """
    The validity of the permit (Box 2) stands in a reference of the header, and perhaps in its place too.

    A reference with the number of another document tells until when that one is valid, and is left alone.
    """
    place = draft.field("validity")
    own = next(iter(draft.at("validity")), None)
    for inner, found in _periods(draft):
        if own is not None:
            _compare(draft, inner, place.content.read(own), found)
            continue
        message = say(
            "the validity of the permit (Box 2) stands only in a reference and was read from there; write "
            "{name} in the header itself",
            name=local_name(place.tag),
        )
        draft.note("tolerated.validity-place", inner, message, source=_VALIDITY, box="2")
        own = copy.deepcopy(inner)
        draft.at("references")[-1].addnext(own)


def _most(part: Field | Group) -> int | None:
    """How often the element of a part may stand."""
    return 1 if isinstance(part, Group) else part.most


def _shorten(draft: Draft, repeated: list[etree._Element], most: int | None, *, same_once: bool) -> None:
    """Leave out what stands once too often, and what says the same again when that counts once."""
    if len(repeated) <= 1:
        return
    content, words = _content(repeated[0]), _words(repeated[0])
    kept = 1
    for element in repeated[1:]:
        same = _content(element) == content
        if kept != most and not (same and same_once):
            kept += 1
            continue
        name = shown(local_name(str(element.tag)))
        if same:
            message = say(
                "{name} stands again with the same value and was read once; write it once", name=name
            )
        else:
            message = say(
                "{name} stands again and only the first counts: '{kept}' was read, '{left}' was left out; "
                "write the one that is right",
                name=name,
                kept=words,
                left=_words(element),
            )
        draft.note(
            "tolerated.repeated-value", element, message, source=f"Cardinalities of the message; {SAMPLES}"
        )
        draft.remove(element)


def _content(element: etree._Element) -> Hashable:
    """All that an element says, for comparison: without comments and the white space between elements."""
    return tuple(
        (inner.tag, text_of(inner).strip(_WHITE), *sorted(inner.attrib.items()))
        for inner in elements(element)
    )


def _words(element: etree._Element) -> str:
    """The texts in an element, for a message."""
    return shown(" ".join(text_of(inner) for inner in elements(element)))


def _periods(draft: Draft) -> Iterator[tuple[etree._Element, Period]]:
    """The periods in references of the header that speak of this permit: element and value."""
    content, tag = draft.field("references").content, draft.field("references", "validity").tag
    numbers = {collapse(text_of(element)) for element in draft.at("number")}
    for element in draft.at("references"):
        reference: Reference = content.read(element)
        period = reference.validity
        if period is None or period == Period() or any(n.value not in numbers for n in reference.numbers):
            continue
        yield next(element.iterchildren(tag)), period


def _compare(draft: Draft, inner: etree._Element, own: Period, found: Period) -> None:
    """Note that the validity stands twice, and whether both say the same."""
    pairs = ((own.start, found.start), (own.end, found.end))
    if all(a is None or b is None or aware(a) == aware(b) for a, b in pairs):
        message = say(
            "the validity of the permit (Box 2) stands in a reference too, and both say the same; the header "
            "is the place that counts"
        )
        draft.note(
            "tolerated.validity-twice", inner, message, source=_VALIDITY, severity=Severity.INFO, box="2"
        )
        return
    message = say(
        "the validity of the permit (Box 2) is another one in a reference: {found}; that in the header was "
        "read: {own}; write both alike, or only the one in the header",
        found=_dates(found),
        own=_dates(own),
    )
    draft.note("tolerated.validity-differs", inner, message, source=_VALIDITY, box="2")


def _dates(period: Period) -> str:
    """A period for a message; an ellipsis stands for what is not said."""
    return " / ".join(moment.isoformat() if moment else "..." for moment in (period.start, period.end))
