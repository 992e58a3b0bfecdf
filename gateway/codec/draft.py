"""The copy of a document that the tolerances work on, and what they note about the original."""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from gateway.codec.binding import Field, Group, Shape
from gateway.codec.detect import detect
from gateway.codec.leaves import collapse
from gateway.codec.versions import VERSIONS, Version
from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import Words, say
from gateway.xmlio.names import DS, local_name
from gateway.xmlio.text import one_line

MAX_NOTED = 20
"""Places that each tolerance names; of the others it says how many there are."""

_SEAL = f"{{{DS}}}"
_SHOWN = 60
"""Characters of a name or value that a message repeats."""
_LISTED = 3
"""Names that a message repeats."""


def is_signature(element: etree._Element) -> bool:
    """Whether this is an element of XML Signature."""
    return isinstance(element.tag, str) and element.tag.startswith(_SEAL)


def elements(root: etree._Element) -> Iterator[etree._Element]:
    """
    `root` and the elements below it, in document order, without comments and without signatures.

    Needs no recursion. Children are looked up when their parent has been handed out.
    """
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element.tag, str) and not is_signature(element):
            yield element
            waiting.extend(element[::-1])


def children(element: etree._Element) -> list[etree._Element]:
    """The elements right below `element`, without comments and without signatures."""
    return [child for child in element.iterchildren(etree.Element) if not is_signature(child)]


def shown(text: str) -> str:
    """A foreign name or value as a message repeats it: on one line, cut when it is long."""
    start = text[: 2 * _SHOWN]
    line = one_line(collapse(start))
    return line if len(line) <= _SHOWN and start == text else line[:_SHOWN] + "..."


def listed(names: Iterable[str]) -> str:
    """The first of several foreign names as a message repeats them."""
    different = list(dict.fromkeys(names))
    more = ["..."] if len(different) > _LISTED else []
    return ", ".join([*(shown(name) for name in different[:_LISTED]), *more])


@dataclass(slots=True)
class _Noted:
    """What one kind of finding has noted: the first places, and how many there were after them."""

    severity: Severity
    source: str
    box: str
    places: list[tuple[etree._Element, Words]] = field(default_factory=list)
    further: int = 0
    first_further: etree._Element | None = None


class Draft:
    """
    A copy of a document in which tolerances may change what they like.

    Each element that was copied knows the one of the original that it came from, so that findings speak of
    that. Signatures are copied and never entered.
    """

    def __init__(self, document: etree._Element) -> None:
        """Copy `document`, which is not changed."""
        self.root = copy.deepcopy(document)
        """The document element of the copy; tolerances may put another one here."""
        self._origins = dict(zip(elements(self.root), elements(document), strict=True))
        self._noted: dict[str, _Noted] = {}
        self._version: Version | None = None

    @property
    def version(self) -> Version:
        """
        The message version, told once from the root as it is at the first question.

        Raises `UnknownDocument` when the root is none of a permit.
        """
        if self._version is None:
            self._version = VERSIONS[detect(self.root)]
        return self._version

    def field(self, *names: str) -> Field:
        """
        The field that names of the model lead to, for example `lines`, `references`.

        Raises `KeyError` for a field that the version has no element for.
        """
        return self._lead(names)[1]

    def at(self, *names: str) -> list[etree._Element]:
        """
        The elements that names of the model lead to, in document order.

        Raises `KeyError` as `field` does.
        """
        here = [self.root]
        for tag in self._lead(names)[0]:
            here = [child for element in here for child in element.iterchildren(tag)]
        return here

    def known(self) -> Iterator[tuple[etree._Element, tuple[Field | Group, ...]]]:
        """
        The elements that the version knows, in document order, each with what may stand in it.

        Children are looked up when their parent has been handed out.
        """
        waiting = [(self.root, self.version.shape.parts)]
        while waiting:
            element, parts = waiting.pop()
            yield element, parts
            inside = {part.tag: _inside(part) for part in parts}
            below = ((child, inside.get(str(child.tag), ())) for child in children(element)[::-1])
            waiting.extend((child, parts) for child, parts in below if parts)

    def write(self, element: etree._Element, text: str) -> None:
        """Make `text` the text of an element of the copy that has no elements in it."""
        for child in list(element):
            if not isinstance(child.tag, str):
                element.remove(child)
        element.text = text

    def remove(self, element: etree._Element) -> None:
        """Take an element below the root out of the copy, with the text after it."""
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    def narrow(self, element: etree._Element) -> None:
        """Go on with this element of the copy alone, in a tree of its own."""
        root = copy.deepcopy(element)
        root.tail = None
        pairs = zip(elements(root), elements(element), strict=True)
        self._origins = {added: self._origins[source] for added, source in pairs}
        self.root = root

    def replace_root(self, root: etree._Element) -> None:
        """Put `root` in the place of the document element; it counts as coming from the same element."""
        self.adopt(root, self.root)
        self.root = root

    def adopt(self, element: etree._Element, source: etree._Element) -> None:
        """Let an element that was added to the copy count as coming from where `source` came from."""
        self._origins[element] = self._origins[source]
        if source.sourceline is not None:
            element.sourceline = source.sourceline  # type: ignore[misc]  # only for the stubs

    def note(
        self,
        rule: str,
        element: etree._Element,
        message: Words,
        *,
        source: str,
        severity: Severity = Severity.WARNING,
        box: str = "",
    ) -> None:
        """
        Note that something was tolerated at an element of the copy.

        `rule` is the id of the finding, `source` says where the oddity is known from, `box` is the box of the
        form when it is not that of the element.
        """
        noted = self._noted.setdefault(rule, _Noted(severity, source, box))
        if len(noted.places) < MAX_NOTED:
            noted.places.append((self._origins[element], message))
            return
        noted.further += 1
        if noted.first_further is None:
            noted.first_further = self._origins[element]

    def findings(self) -> tuple[Finding, ...]:
        """What was noted, with box, XPath and line in the original document."""
        items = [(rule, noted, *place) for rule, noted in self._noted.items() for place in _places_of(noted)]
        lineages = {element: _lineage(element) for _, _, element, _ in items}
        steps = _steps(lineages)
        depth = len(_lineage(self._origins[self.root]))
        boxes = self.version.shape.box_of
        return tuple(
            Finding(
                rule,
                noted.severity,
                Area.DOCUMENT,
                message,
                box=noted.box or boxes([_name(step) for step in lineages[element][depth:]]),
                path="/" + "/".join(steps[step] for step in lineages[element]),
                line=element.sourceline,
                source=noted.source,
            )
            for rule, noted, element, message in items
        )

    def _lead(self, names: tuple[str, ...]) -> tuple[list[str], Field]:
        """The tags on the way, and the field at its end."""
        shape, tags, found = self.version.shape, list[str](), None
        for name in names:
            bound = shape.bound(name)
            if bound is None:
                raise KeyError(name)
            groups, found = bound
            tags.extend((*(group.tag for group in groups), found.tag))
            if isinstance(found.content, Shape):
                shape = found.content
        if found is None:
            raise KeyError(names)
        return tags, found


def _name(element: etree._Element) -> str:
    return local_name(str(element.tag))


def _inside(part: Field | Group) -> tuple[Field | Group, ...]:
    """What may stand in the element of a part."""
    if isinstance(part, Group):
        return part.parts
    return part.content.parts if isinstance(part.content, Shape) else ()


def _places_of(noted: _Noted) -> Iterator[tuple[etree._Element, Words]]:
    """The places of one kind of finding, the last of which may stand for many."""
    yield from noted.places
    if noted.first_further is not None:
        yield (
            noted.first_further,
            say(
                "the same was read tolerantly in further places, the first of which is here; places that are "
                "not listed: {count}",
                count=noted.further,
            ),
        )


def _lineage(element: etree._Element) -> list[etree._Element]:
    """An element and those around it, outermost first."""
    return [element, *element.iterancestors()][::-1]


def _steps(lineages: dict[etree._Element, list[etree._Element]]) -> dict[etree._Element, str]:
    """
    The step of an XPath, as `xpath_of` writes it, for every element of the lineages.

    The children of each parent are counted once, whatever the number of findings below it: the cost does
    not grow with the product of findings and siblings.
    """
    wanted = {element for lineage in lineages.values() for element in lineage}
    steps: dict[etree._Element, str] = {}
    parents: dict[etree._Element, None] = {}
    for element in wanted:
        parent = element.getparent()
        if parent is None:
            steps[element] = _name(element)
        else:
            parents[parent] = None
    for parent in parents:
        counts: Counter[str] = Counter()
        positions: list[tuple[etree._Element, int]] = []
        for child in parent.iterchildren(etree.Element):
            counts[str(child.tag)] += 1
            if child in wanted:
                positions.append((child, counts[str(child.tag)]))
        for child, position in positions:
            alone = counts[str(child.tag)] == 1
            steps[child] = _name(child) + ("" if alone else f"[{position}]")
    return steps
