"""
The attacks: each stops at its door in the way that the index says, and each guard is what stops them.

The second half is a mutation check: with a guard switched off, its attacks are no longer refused in that way.
"""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.gateways import SetClock, french
from support.memory import MemoryStorage

from gateway.errors import DocumentError, GatewayError, SignatureRefused
from gateway.exchange import receipts
from gateway.exchange.receipts import Outcome
from gateway.flows.inboxes import list_waiting
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId
from gateway.signatures import direct, shape
from gateway.signatures import verify as verification
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import load_certificate
from gateway.signatures.policy import DEFAULT_POLICY, RSA_SHA256, SHA256, SIGNATURE
from gateway.xmlio import parse as parsing
from gateway.xmlio.limits import DEFAULT_LIMITS

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
ATTACKS = FIXTURES / "attacks"
INDEX: dict[str, dict[str, Any]] = json.loads((ATTACKS / "index.json").read_text(encoding="utf-8"))
AT = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
NO_DOCUMENT = {14, 17, 22, 23, 24, 25}
"""Rows that are about more than one document; docs/security.md says where their tests are."""


def certificate(name: str) -> Any:
    """A certificate of `keys/`."""
    return load_certificate(ROOT / "keys" / f"{name}.crt.pem")


TRUSTED = [certificate(name) for name in ("ch-ma", "ch-ma-rsa", "ch-ma-expired")]


def script() -> ModuleType:
    """The script that makes the vectors."""
    spec = importlib.util.spec_from_file_location("build_attacks", FIXTURES / "build_attacks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FIXTURES)  # the script finds its themes beside itself
        spec.loader.exec_module(module)
    return module


BUILD = script()
LARGE = {attack.name: attack for attack in BUILD.parsing.large()}


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a document stopped and how; both empty when it went through."""

    door: str = ""
    how: str = ""


def walk(data: bytes, at: datetime, limits: Any = DEFAULT_LIMITS, policy: Any = DEFAULT_POLICY) -> Stop:
    """Bring a permit through the doors `parse` and `verify`; anything but our own refusals is a crash."""
    try:
        document = parsing.parse(data, limits=limits)
    except DocumentError as error:
        return Stop("parse", error.code)
    try:
        verification.verify(document, TRUSTED, at=at, policy=policy)
    except SignatureRefused as error:
        return Stop("verify", str(error.verdict.sub))
    return Stop()


def french_gateway() -> Any:
    """The gateway of France, which trusts the keys of `keys/`."""
    trust = TrustStore.filled([("ch", (certificate("ch-gateway"),)), ("CH:MA", (certificate("ch-ma"),))])
    return french(MemoryStorage(), SetClock(AT), trust=trust)


async def exchange(data: bytes, node: Any) -> set[str]:
    """Everything that the whole road of an envelope says against it; empty when it is accepted."""
    try:
        answer = await receive(data, node, Trail())
    except GatewayError as error:
        return {error.code}
    receipt = receipts.read(parsing.parse(answer).root)
    return set() if receipt.outcome is Outcome.ACCEPTED else {finding.rule for finding in receipt.findings}


def named(door: str) -> list[str]:
    """The committed vectors of one door."""
    return sorted(name for name, row in INDEX.items() if row["door"] == door)


@pytest.mark.parametrize("name", named("parse") + named("verify"))
def test_an_attack_stops_at_its_door(name: str) -> None:
    """A vector is refused at the door and in the way that the index says, and never accepted."""
    row = INDEX[name]
    stop = walk((ATTACKS / name).read_bytes(), datetime.fromisoformat(row["at"]))
    assert stop.door == row["door"]
    assert stop.how in row["stopped"]


@pytest.mark.parametrize("name", sorted(LARGE))
def test_a_large_attack_stops_before_it_is_parsed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would keep a library busy for seconds is refused before libxml2 sees one byte of it."""
    monkeypatch.setattr(parsing, "_parser", lambda: pytest.fail("the parser was asked"))
    stop = walk(LARGE[name].data, AT)
    assert stop.door == LARGE[name].door
    assert stop.how in LARGE[name].stopped


@pytest.mark.parametrize("name", named("exchange"))
async def test_an_attack_on_the_exchange_is_refused(name: str) -> None:
    """The whole road of an envelope ends in the refusal that the index says, and nothing is handed over."""
    node = french_gateway()
    assert await exchange((ATTACKS / name).read_bytes(), node) & set(INDEX[name]["stopped"])
    assert not await list_waiting(AuthorityId.parse("FR:MA"), after="", limit=10, node=node)


async def test_the_genuine_envelope_is_accepted() -> None:
    """The starting point of the attacks on the exchange goes through, so that each refusal has one cause."""
    data = (FIXTURES / "envelopes" / "permit-ch-to-fr.xml").read_bytes()
    assert await exchange(data, french_gateway()) == set()


async def test_a_replayed_envelope_is_delivered_once() -> None:
    """Attack 17: the same bytes again get the same receipt, and there is one item in the inbox."""
    data, node = (FIXTURES / "envelopes" / "permit-ch-to-fr.xml").read_bytes(), french_gateway()
    assert await receive(data, node, Trail()) == await receive(data, node, Trail())
    assert len(await list_waiting(AuthorityId.parse("FR:MA"), after="", limit=10, node=node)) == 1


def test_the_genuine_permit_goes_through() -> None:
    """The starting point of the other attacks is accepted."""
    assert walk(BUILD.wrapping.sealed(), AT) == Stop()


def test_every_row_of_the_table_that_is_about_a_document_has_a_vector() -> None:
    """Rows 1 to 25, but those whose guard is not about one document."""
    numbers = {row["number"] for row in INDEX.values()} | {attack.number for attack in LARGE.values()}
    assert numbers | NO_DOCUMENT == set(range(1, 26))


def test_each_file_is_in_the_index() -> None:
    """No vector is forgotten by the index, and the index names no file that is not there."""
    assert {path.name for path in ATTACKS.glob("*.xml")} == set(INDEX)


def test_the_script_rebuilds_what_is_committed(tmp_path: Path) -> None:
    """From the keys and the permits the script makes the same bytes again."""
    BUILD.build(tmp_path)
    made = {path.name: path.read_bytes() for path in (tmp_path / "attacks").iterdir()}
    assert made == {path.name: path.read_bytes() for path in ATTACKS.iterdir()}


# The mutation check.


def any_signature(root: Any) -> Any:
    """The place of the signature not checked: the first one will do."""
    return next(root.iter(SIGNATURE))


def any_children(element: Any, **_expected: Any) -> list[Any]:
    """The children and attributes of an element of the signature not checked."""
    return list(element)


def no_ids(*_arguments: Any) -> frozenset[str]:
    """Ids not looked for."""
    return frozenset()


def first_digest(reference: Any, *_rest: Any) -> Any:
    """What a reference says, whatever its transforms are."""
    return shape.SignedDigest(SHA256, shape.binary(reference[2]))


def any_reference(reference: Any, policy: Any) -> Any:
    """What a reference says, whatever it names."""
    return first_digest(reference, policy)


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard: how to switch it off, and the attacks that only it stops in this way."""

    stops: tuple[str, ...]
    limits: Any = DEFAULT_LIMITS
    policy: Any = DEFAULT_POLICY
    off: tuple[tuple[Any, str, Any], ...] = ()
    """Object, attribute and what takes its place."""

    @contextmanager
    def switched_off(self) -> Iterator[None]:
        """The gateway without this guard."""
        with pytest.MonkeyPatch.context() as patch:
            for thing, attribute, instead in self.off:
                patch.setattr(thing, attribute, instead)
            yield


def anybody(signature: Any, *_rest: Any, **_options: Any) -> tuple[Any, ...]:
    """The signer check switched off: the key that comes with the message is believed."""
    return (certificate("stranger"),)


def without(**ceilings: int) -> Any:
    """The limits without some ceilings."""
    return replace(DEFAULT_LIMITS, **ceilings)


def nothing(*_arguments: Any, **_options: Any) -> None:
    """A check that is not made."""


RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA1, MD5 = "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"
FAR = 10**9
GUARDS = {
    "size": Guard(("too-many-bytes",), limits=without(max_bytes=FAR)),
    "elements": Guard(("too-many-elements",), limits=without(max_elements=FAR)),
    "attributes": Guard(("too-many-attributes",), limits=without(max_attributes=FAR)),
    "references": Guard(("too-many-references",), limits=without(max_references=FAR)),
    "namespaces": Guard(
        ("namespaces-of-a-document.xml",), limits=without(max_namespaces=FAR, max_namespaces_per_element=FAR)
    ),
    "namespaces of an element": Guard(
        ("namespaces-of-one-element.xml",), limits=without(max_namespaces_per_element=FAR)
    ),
    "depth": Guard(("deep.xml",), limits=without(max_depth=250)),
    "attributes of an element": Guard(
        ("attributes-of-one-element.xml",), limits=without(max_attributes_per_element=FAR)
    ),
    "attribute length": Guard(("long-attribute.xml",), limits=without(max_attribute=FAR)),
    "declaration": Guard(("long-declaration.xml",), limits=without(max_declaration=FAR)),
    "doctype": Guard(
        tuple(name for name in INDEX if INDEX[name]["stopped"] == ["doctype_refused"]),
        off=((parsing, "_check_doctype", nothing),),
    ),
    "encoding": Guard(
        ("encoding-utf-7.xml", "encoding-latin-1-declared.xml"), off=((parsing, "_check_encoding", nothing),)
    ),
    "trusted keys": Guard(("key-of-a-stranger.xml",), off=((verification, "_candidates", anybody),)),
    "time": Guard(
        ("certificate-ended.xml", "certificate-not-yet-valid.xml"),
        off=((verification, "_check_window", nothing),),
    ),
    "methods": Guard(
        ("weak-signaturemethod-rsa-sha1.xml",),
        policy=replace(DEFAULT_POLICY, signature_methods=frozenset({RSA_SHA1})),
        off=((direct, "METHODS", {RSA_SHA1: direct.METHODS[RSA_SHA256]}),),
    ),
    "digests": Guard(
        ("weak-digestmethod-sha1.xml", "weak-digestmethod-md5.xml"),
        policy=replace(DEFAULT_POLICY, digest_methods=frozenset({SHA1, MD5})),
    ),
    "transforms": Guard(
        ("transform-unknown.xml",),
        policy=replace(DEFAULT_POLICY, transforms=(*DEFAULT_POLICY.transforms, "urn:evil")),
    ),
    "closed list of transforms and algorithms": Guard(
        (
            "transform-xslt.xml",
            "transform-xpath.xml",
            "transform-base64.xml",
            "c14n-prefix-list.xml",
        ),
        off=((shape, "_digest", first_digest),),
    ),
    "canonicalization": Guard(
        ("c14n-inclusive.xml", "c14n-with-comments.xml", "c14n-version-1-1.xml"),
        off=((shape, "_require", nothing),),
    ),
    "whole document": Guard(
        tuple(
            name
            for name in INDEX
            if name.startswith(("duplicate-id", "reference-h", "reference-f", "reference-x"))
        ),
        off=((shape, "_document_reference", any_reference),),
    ),
    "one reference": Guard(("reference-twice.xml",), off=((shape, "_check_references", nothing),)),
    "ids": Guard(
        tuple(name for name in INDEX if name.startswith("id-on-the-permit")),
        off=((shape, "refuse_ids", no_ids),),
    ),
    "comments": Guard(
        ("comment-in-the-number.xml", "instruction-in-the-number.xml"),
        off=((shape, "refuse_comments", nothing),),
    ),
    "place of the signature": Guard(
        (
            "xsw-two-signatures.xml",
            "xsw-signature-first.xml",
            "xsw-signature-deeper.xml",
            "xsw-forged-root-around-the-genuine-permit.xml",
        ),
        off=((shape, "find_signature", any_signature),),
    ),
    "closed signature": Guard(
        ("attribute-look-alike.xml",),
        off=((shape, "children", any_children), (shape, "check_empty", nothing)),
    ),
    "key in the message": Guard(
        ("key-by-name.xml", "key-to-be-fetched.xml"), off=((shape, "_hint", nothing),)
    ),
    "signature value": Guard(
        ("key-borrowed-certificate.xml", "digest-of-nothing.xml"),
        off=((direct, "_holds", lambda *_arguments: True),),
    ),
    "digest": Guard(
        ("altered.xml", "xsw-genuine-permit-beside-the-forged-content.xml", "prefix-redeclared.xml"),
        off=((direct, "_check_digest", nothing),),
    ),
}

TWICE_GUARDED = {
    "comment-in-the-digest.xml": "no comments; the text of a leaf of the signature is one piece",
    "encoding-nul.xml": "our look at the bytes; libxml2",
    "encoding-overlong.xml": "our look at the bytes; libxml2",
    "encoding-surrogate.xml": "our look at the bytes; libxml2",
    "encoding-utf-16.xml": "our look at the bytes; libxml2, which is told that they are UTF-8",
    "encoding-utf-32.xml": "our look at the bytes; libxml2, which is told that they are UTF-8",
    "gzip-instead-of-xml.xml": "our look at the bytes; libxml2",
    "hmac-truncated.xml": "closed list of methods; no code for HMAC",
    "hmac-with-the-public-key.xml": "closed list of methods; no code for HMAC",
    "signature-without-reference.xml": "count of references; nothing to take a digest from",
    "signature-without-value.xml": "closed signature; the mathematics",
    "two-signed-infos.xml": "count of SignedInfo; order of the children",
    "unsigned.xml": "search for the signature; nothing to verify",
    "void-canonicalization.xml": "an error of C14N is a refusal; no signature in an empty canonical form",
    "wrapped-signed-info.xml": "count of SignedInfo; closed list of its children",
    "xsw-genuine-permit-inside-its-signature.xml": "no Object but that of XAdES; the digest",
}
"""Attacks that another guard refuses in the same words when one is switched off."""


@pytest.mark.parametrize(
    ("guard", "name"),
    [(guard, name) for guard, each in GUARDS.items() for name in each.stops],
)
def test_the_guard_is_what_stops_the_attack(guard: str, name: str) -> None:
    """With the guard on the attack is refused as the index says; with it off it is not refused that way."""
    if name in LARGE:
        data, at, expected = LARGE[name].data, AT, Stop(LARGE[name].door, LARGE[name].stopped[0])
    else:
        row = INDEX[name]
        data, at = (ATTACKS / name).read_bytes(), datetime.fromisoformat(row["at"])
        expected = walk(data, at)
        assert expected.how in row["stopped"]
    each = GUARDS[guard]
    with each.switched_off():
        assert walk(data, at, each.limits, each.policy) != expected


def test_every_attack_on_a_document_has_its_mutation_check() -> None:
    """Each vector is in the table of guards, or is named as one that two guards refuse in the same words."""
    checked = {name for guard in GUARDS.values() for name in guard.stops} - set(LARGE)
    assert set(named("parse") + named("verify")) == checked | set(TWICE_GUARDED)


async def test_without_the_agreement_a_header_may_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 18: the check that header and permit agree is what stops a header that names another permit."""
    monkeypatch.setattr("gateway.flows.judgement.disagreements", lambda *_arguments, **_options: ())
    data = (ATTACKS / "header-names-another-permit.xml").read_bytes()
    assert "identity.permit-reference" not in await exchange(data, french_gateway())
