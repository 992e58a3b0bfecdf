"""A revocation list is fetched: only a newer one of the right issuer takes the place of the one before."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.gateways import log_of
from support.key_material import DAY, authority, crl, leaf, revoked
from support.keys import NOW

from gateway.errors import GatewayError, KeyMaterialError, PartnerUnreachable, StorageError
from gateway.flows.ports import Node
from gateway.flows.refresh_lists import refresh_list
from gateway.messagelog.entry import EntryKind
from gateway.signatures.revocation import Revocations, RevocationSettings, RevocationState

URL = "http://crl.invalid/ca.crl"


@dataclass(slots=True)
class Shelf:
    """Fulfils `ListSource` and `ListFolder` in memory."""

    offered: bytes = b""
    kept: dict[str, bytes] = field(default_factory=dict)
    error: GatewayError | None = None

    async def fetch(self, _url: str) -> bytes:
        """What is offered."""
        if self.error:
            raise self.error
        return self.offered

    def get(self, url: str) -> bytes | None:
        """What was kept."""
        return self.kept.get(url)

    def put(self, url: str, data: bytes) -> None:
        """Keep."""
        self.kept[url] = data


def der(made) -> bytes:
    """The bytes of a list."""
    return made.public_bytes(Encoding.DER)


async def refreshed(node: Node, shelf: Shelf):
    """One round."""
    return await refresh_list(URL, [authority()], node, shelf, shelf)


async def test_a_list_is_taken_in_with_an_entry_in_the_log(fr: Node) -> None:
    """It is kept, the log says which one, and the promise of the next one is returned."""
    shelf = Shelf(der(crl(revoked(100, NOW))))
    assert await refreshed(fr, shelf) == NOW + DAY
    assert shelf.kept == {URL: shelf.offered}
    (entry,) = await log_of(fr, kind=EntryKind.CHANGED)
    assert (entry.actor, entry.outcome) == ("gateway", "revocation-list")
    assert URL in entry.detail


async def test_the_same_list_again_changes_nothing(fr: Node) -> None:
    """No second entry."""
    shelf = Shelf(der(crl()))
    await refreshed(fr, shelf)
    await refreshed(fr, shelf)
    assert len(await log_of(fr)) == 1


async def test_a_newer_list_takes_the_place_of_the_one_before(fr: Node) -> None:
    """Also one of the same moment: an issuer may make two in one second."""
    shelf = Shelf(der(crl()))
    await refreshed(fr, shelf)
    shelf.offered = der(crl(revoked(100, NOW), made=NOW))
    await refreshed(fr, shelf)
    assert shelf.kept == {URL: shelf.offered}


@pytest.mark.parametrize(
    ("offered", "says"),
    [
        (der(crl(made=NOW - DAY - timedelta(seconds=1))), "was made on"),
        (der(crl(ca=2, common="Other")), "signed by no registered issuer"),
        (der(crl(ca=2)), "signed by no registered issuer"),
        (b"<html>", "is not a revocation list"),
        (b"", "is not a revocation list"),
    ],
    ids=["older", "another issuer", "a forger", "a page", "nothing"],
)
async def test_a_bad_list_leaves_the_one_that_is_here(fr: Node, offered: bytes, says: str) -> None:
    """The list of before stays, and nothing is logged as changed."""
    first = der(crl())
    shelf = Shelf(first)
    await refreshed(fr, shelf)
    shelf.offered = offered
    with pytest.raises(KeyMaterialError, match=says):
        await refreshed(fr, shelf)
    assert shelf.kept == {URL: first}
    assert len(await log_of(fr)) == 1


async def test_a_damaged_list_heals(fr: Node) -> None:
    """What cannot be proven any more is replaced, or no list would ever be fetched again."""
    shelf = Shelf(der(crl()), {URL: b"half of a lis"})
    await refreshed(fr, shelf)
    assert shelf.kept == {URL: shelf.offered}


async def test_silence_leaves_the_one_that_is_here(fr: Node) -> None:
    """The error goes to who asked for the round."""
    with pytest.raises(PartnerUnreachable):
        await refreshed(fr, Shelf(error=PartnerUnreachable("nobody answers")))


async def test_no_list_counts_without_its_entry(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the log cannot be written, the list of before stays."""

    def full(_self: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(type(fr.storage), "write", full)
    shelf = Shelf(der(crl()))
    with pytest.raises(StorageError):
        await refreshed(fr, shelf)
    assert shelf.kept == {}


def test_an_expected_list_that_is_missing_is_no_pass(tmp_path) -> None:
    """Once the operator has named an issuer, its certificates need a list; those of others do not."""
    file = tmp_path / "ca.pem"
    file.write_bytes(authority().public_bytes(Encoding.PEM))
    lists = Revocations.load(RevocationSettings(issuers=(file,)))
    found = lists.status(leaf(), NOW, now=NOW)
    assert (found.state, found.acceptable) == (RevocationState.MISSING, False)
    assert lists.status(leaf(ca=2), NOW, now=NOW).state is RevocationState.UNKNOWN
    fetched = tmp_path / "fetched.crl"
    fetched.write_bytes(der(crl()))
    lists = Revocations.load(RevocationSettings(issuers=(file,)), fetched=[fetched])
    assert lists.status(leaf(), NOW, now=NOW).state is RevocationState.GOOD
    assert replace(lists, lists=()).consulted
