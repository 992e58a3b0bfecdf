"""The most expensive documents that we know of: what each door spends on them until refusal or verdict."""

import contextlib
import copy
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from gateway import clock
from gateway.codec import registry
from gateway.codec.profile import Profile
from gateway.errors import GatewayError
from gateway.exchange import message
from gateway.exchange.message import Header, Kind
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.signatures.verify import warm as warm_signatures
from gateway.xmlio.limits import DEFAULT_LIMITS, ENVELOPE_LIMITS, MAX_BYTES, PERMIT_LIMITS
from gateway.xmlio.parse import parse

PERMITS = Path(__file__).resolve().parents[2] / "fixtures" / "permits"
CEILING_MS = 100.0
ROUNDS = 3
"""The least of so many: a noisy machine adds time, it never takes any away."""
LINES = 500
V2 = "urn:un:unece:uncefact:data:standard:CITESEPermit:2"
SIGNATURE = (
    b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod '
    b'Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/></ds:SignedInfo></ds:Signature>'
)


def measure() -> dict[str, float]:
    """
    The worst CPU milliseconds of each door over all cases, and what the largest admitted permits cost.

    `parse` is what every byte meets; `exchange` is what a stranger can reach with an envelope; `examination`
    is schema, reading and rules, which what an authority's own system hands over meets before any seal;
    `submission` is the road of a sealed permit, from bytes to the last rule.
    """
    registry.warm()
    warm_signatures()
    key = new_development_key("CH:MA", "CH", at=clock.now(), algorithm="ec")
    times: dict[str, float] = {}
    hostile = hostile_documents()
    for door, work in _doors(key).items():
        taken = {name: cpu_ms(work, data) for name, data in hostile.items()}
        worst = max(taken, key=lambda name: taken[name])
        times[f"{door}, worst hostile ({worst}), ms"] = taken[worst]
    whole = _doors(key)["submission"]
    for name, data in admitted_permits(key).items():
        times[f"submission, {name}, ms"] = cpu_ms(whole, data)
    return times


def cpu_ms(work: Callable[[bytes], object], data: bytes) -> float:
    """CPU milliseconds until `work` answers or refuses."""
    least = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        with contextlib.suppress(GatewayError):
            work(data)
        least = min(least, time.process_time() - begin)
    return least * 1e3


def _doors(key: SigningKey) -> dict[str, Callable[[bytes], object]]:
    """What happens to bytes at each door, as the flows do it."""
    trusted, at = [key.certificate], clock.now()

    def exchange(data: bytes) -> None:
        document = parse(data, limits=ENVELOPE_LIMITS)
        message.peek_header(document.root)
        verify(document, trusted, at=at)

    def examination(data: bytes) -> None:
        registry.inspect(parse(data, limits=PERMIT_LIMITS), at=at)

    def submission(data: bytes) -> None:
        document = parse(data)
        registry.check_document(document, Profile.STRICT)
        registry.judge(registry.decode(verify(document, trusted, at=at)), at=at)

    def verification(data: bytes) -> None:
        verify(parse(data), trusted, at=at)

    return {
        "parse": parse,
        "exchange": exchange,
        "verify": verification,
        "examination": examination,
        "submission": submission,
    }


def hostile_documents() -> dict[str, bytes]:
    """Documents that buy much work with few bytes; each at the size limit, or just below a ceiling."""
    limits = DEFAULT_LIMITS
    inside = limits.max_elements - 100
    many_namespaces = b"".join(
        b' xmlns:n%d="urn:n%d"' % (n, n) for n in range(limits.max_namespaces_per_element)
    )
    nested = b"".join(
        b"<n%s>" % b"".join(b' xmlns:m%d-%d="urn:m%d-%d"' % (level, n, level, n) for n in range(30))
        for level in range(8)
    )
    return {
        "50,000 namespaces": b"<a"
        + b"".join(b' xmlns:n%d="urn:n%d"' % (n, n) for n in range(50_000))
        + b">"
        + SIGNATURE
        + b"</a>",
        "one attribute after another": b"<a" + b"".join(b' a%d=""' % n for n in range(400_000)) + b"/>",
        "attributes below the ceiling": _filled(
            b"<b" + b"".join(b' a%d=""' % n for n in range(60)) + b"/>", 1_600
        ),
        "elements without end": b"<a>" + b"<b/>" * (MAX_BYTES // 4 - 2) + b"</a>",
        "elements below the ceiling": _filled(b"<b/>", inside),
        "comments": _filled(b"<!---->", MAX_BYTES // 8),
        "instructions": _filled(b"<?a?>", MAX_BYTES // 6),
        "depth": b"<a>" * (MAX_BYTES // 4),
        "depth below the ceiling": b"<a>" * 250 + b"</a>" * 250,
        "one long text": _filled(b"x", MAX_BYTES - 100),
        "a text of two-byte letters": _filled("é".encode(), MAX_BYTES // 2 - 100),
        "references": _filled(b"&lt;", MAX_BYTES // 4 - 100),
        "references that nobody declared": _filled(b"&x;", MAX_BYTES // 3 - 100),
        "CDATA": _filled(b"<![CDATA[<]]>", MAX_BYTES // 13 - 100),
        "equals signs": _filled(b"=", MAX_BYTES - 100),
        "a long declaration": b'<?xml version="1.0"' + b" " * (MAX_BYTES - 30) + b"?><a/>",
        "white space in front": b"\n" * (MAX_BYTES - 10) + b"<a/>",
        "white space only": b" " * MAX_BYTES,
        "a long name": b"<" + b"a" * (MAX_BYTES - 20) + b"/>",
        "a long attribute": b'<a b="' + b"x" * (MAX_BYTES - 20) + b'"/>',
        "namespaces over elements": b"<a%s>" % many_namespaces + b"<n1:b/>" * inside + SIGNATURE + b"</a>",
        "namespaces of namespaces": nested + b"<m0-0:b/>" * inside + SIGNATURE + b"</n>" * 8,
        "a permit of wrong elements": b'<CITESEPermit xmlns="%s">' % V2.encode()
        + b"<HeaderExchangedDocument/>" * inside
        + b"</CITESEPermit>",
        "an envelope of 5 MiB by a stranger": _strange_envelope(),
        "a permit wrong at every line": _wrong_lines(),
        "a permit of wrong attributes": b'<CITESEPermit xmlns="%s">' % V2.encode()
        + b'<HeaderExchangedDocument a="1" b="2"/>' * inside
        + b"</CITESEPermit>",
        "wrong elements to explain": _wrong_headers(b"", 990),
        "wrong attributes to explain": _wrong_headers(b"".join(b' a%d=""' % n for n in range(60)), 16),
        "wrong attributes, few elements": _wrong_headers(b"".join(b' a%d=""' % n for n in range(60)), 1_500),
        "quantities of 60 KB": _long_leaves(b"ItemQuantity", b"a "),
        "dates of 60 KB": _long_leaves(b"AcquisitionDateTime", b"9"),
        "sources of 60 KB": _long_leaves(b"TypeExtensionCode", b"ABC 123, "),
        "countries of 15 KB": _long_leaves(b"CountryID", b"ABC 123, "),
        "codes of white space": _long_leaves(b"TypeCode", b"  "),
    }


def admitted_permits(key: SigningKey) -> dict[str, bytes]:
    """Sealed permits of 500 lines: as senders write them, and with every element of a line filled once."""
    usual = _root("ch-export-live-parrots.xml")
    full = _root("every-element.xml")
    for element in list(full.iter("{*}IncludedSupplyChainConsignmentItem")):
        _once(element)
    return {"500 lines": sign(_lines(usual), key), "500 lines with every element": sign(_lines(full), key)}


def _strange_envelope() -> bytes:
    """An envelope that fits its schema, with as much payload as there is room for; a stranger signed it."""
    header = Header(
        clock.new_id(),
        clock.new_id(),
        AuthorityId.parse("CH:MA"),
        AuthorityId.parse("FR:MA"),
        Kind.PERMIT,
        clock.now(),
        PermitRef.of("CH", "1"),
    )
    stranger = new_development_key("CH:MA", "CH", at=clock.now(), algorithm="ec")
    return sign(message.build(header, b" " * (MAX_BYTES * 3 // 4 - 10_000)), stranger)


def _wrong_lines() -> bytes:
    """A permit of 500 lines with a wrong number in each: the schema has much to explain."""
    data = etree.tostring(_lines(_root("ch-export-reptile-leather.xml")))
    return data.replace(
        b"</IncludedSupplyChainConsignmentItem>", b"<X/></IncludedSupplyChainConsignmentItem>"
    )


def _wrong_headers(attributes: bytes, times: int) -> bytes:
    """A permit with so many elements that do not belong there."""
    header = b"<HeaderExchangedDocument%s/>" % attributes
    return b'<CITESEPermit xmlns="%s">' % V2.encode() + header * times + b"</CITESEPermit>"


def _long_leaves(name: bytes, piece: bytes) -> bytes:
    """A permit whose leaves of one name are as long as there is room for, each with much to look at."""
    data = etree.tostring(_lines(_root("every-element.xml"), 80))
    leaf = re.compile(rb"(<%s[^>]*>)[^<]*[^<\s][^<]*(?=</)" % name)
    room = (MAX_BYTES - len(data)) // len(leaf.findall(data))
    text = piece * (min(room, PERMIT_LIMITS.max_text - 100) // len(piece))
    return leaf.sub(lambda found: found[1] + text, data)


def _filled(piece: bytes, times: int) -> bytes:
    """One element with so many pieces inside."""
    return b"<a>" + piece * times + b"</a>"


def _root(name: str) -> etree._Element:
    """A permit of the fixtures."""
    return parse((PERMITS / name).read_bytes()).root


def _lines(root: etree._Element, count: int = LINES) -> etree._Element:
    """The permit with its lines repeated until there are so many."""
    lines = list(root.iter("{*}IncludedSupplyChainConsignmentItem"))
    for number in range(count - len(lines)):
        lines[-1].addnext(copy.deepcopy(lines[number % len(lines)]))
    return root


def _once(element: etree._Element) -> None:
    """Keep the first of each kind of child, everywhere below."""
    seen = set()
    for child in list(element):
        if child.tag in seen:
            element.remove(child)
        else:
            seen.add(child.tag)
            _once(child)


def main() -> None:
    """Print every case of every door, and whether the ceiling holds."""
    registry.warm()
    warm_signatures()
    key = new_development_key("CH:MA", "CH", at=clock.now(), algorithm="ec")
    cases = hostile_documents() | admitted_permits(key)
    for door, work in _doors(key).items():
        print(f"\n{door}")
        for name, data in cases.items():
            taken = cpu_ms(work, data)
            print(f"  {name:<34} {taken:9.1f} ms {'OVER' if taken > CEILING_MS else ''}")


if __name__ == "__main__":
    sys.exit(main())
