"""One person alone changes nothing of whom a gateway believes: not twice, not by file, not with a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from support.gateways import log_of
from support.keys import certificate_for, pem_of, private_key
from support.people import account, let_in

from gateway import clock
from gateway.cli.folder import make_folder
from gateway.config import load
from gateway.errors import Forbidden, NotFound, StorageError
from gateway.flows.ports import Node
from gateway.flows.two_persons import (
    agree,
    changes_of_trust,
    refuse,
    serial_that_counts,
    settle,
    waiting_changes,
)
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.node import bare_node, make_node
from gateway.people.account import Account
from gateway.people.proposals import Proposal, ProposalState
from gateway.people.rights import Post
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import fingerprint
from gateway.watches import Watches

FIRST, SECOND = (certificate_for(private_key("p256"), name=name) for name in ("one", "two"))
RULE = "\n[people]\ntwo_persons = true\n"
PARTNER = """
[[partner]]
id = "{id}"
url = "http://{id}.invalid/"
certificates = ["{id}.pem"]
[[partner.authority]]
id = "{authority}"
certificates = ["{id}.pem"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of Switzerland with the partner fr and the rule of two persons."""
    file = make_folder(tmp_path, [AuthorityId.parse("CH:MA"), AuthorityId.parse("CH:CUSTOMS")], port=0).config
    add(file, RULE)
    register(file, "fr", "FR:MA", FIRST)
    return file


def add(config: Path, text_: str) -> None:
    config.write_text(config.read_text(encoding="utf-8") + text_, encoding="utf-8")


def register(config: Path, name: str, authority: str, certificate: Any) -> None:
    (config.parent / f"{name}.pem").write_bytes(pem_of(certificate))
    add(config, PARTNER.format(id=name, authority=authority))


@dataclass
class Running:
    """One process of the gateway, as far as it believes anything."""

    node: Node
    beliefs: Beliefs
    watches: Watches

    async def files_changed(self) -> None:
        """What the watch does that has seen another file."""
        await self.watches.take_in_partners()

    async def a_moment_later(self) -> None:
        """What the watch does that looks for agreements."""
        await self.watches.look_for_agreement()

    async def waiting(self) -> Proposal:
        """The one change that waits."""
        (change,) = await waiting_changes(self.node)
        return change

    def signs(self, owner: str) -> set[str]:
        """The certificates with which somebody signs, as far as this process believes it."""
        return {fingerprint(each) for each in self.node.trust.of(owner)}


@asynccontextmanager
async def started(config: Path) -> AsyncIterator[Running]:
    """As `running` in app.py begins."""
    settings = load(config, {})
    beliefs = Beliefs.load(settings, clock.now())
    database = await open_database(settings)
    try:
        agreed = await settle(beliefs.wished(), bare_node(database, settings.people))
        if agreed is not None:
            beliefs.hold_to(agreed)
        node = make_node(settings, beliefs, database, lambda: None)
        courier = cast("Any", SimpleNamespace(use=lambda _tls: None))
        yield Running(node, beliefs, Watches(node, beliefs, courier, None))
    finally:
        await database.close()


async def administrators(node: Node, *names: str) -> list[Account]:
    """Administrators whom nobody else let in."""
    made = [account(name, Post.ADMINISTRATOR, node) for name in names]
    await let_in(node, *made)
    return made


async def test_without_the_rule_files_count_at_once(config):
    """As ever: nothing is kept, nobody is asked."""
    config.write_text(config.read_text(encoding="utf-8").replace(RULE, ""), encoding="utf-8")
    async with started(config) as gateway:
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        assert set(gateway.node.directory.partners) == {"de", "fr"}
        assert await changes_of_trust(gateway.node) == []


async def test_what_counts_when_the_rule_begins_goes_on(config):
    """And stands in the log as what two must agree to change."""
    async with started(config) as gateway:
        assert set(gateway.node.directory.partners) == {"fr"}
        assert gateway.signs("FR:MA") == gateway.signs("fr") == {fingerprint(FIRST)}
        assert gateway.signs("CH:MA")
        assert await waiting_changes(gateway.node) == []
        assert len(await log_of(gateway.node, outcome="two-persons-begins")) == 1
    async with started(config) as gateway:
        assert len(await log_of(gateway.node, outcome="two-persons-begins")) == 1


async def test_a_new_partner_counts_when_two_have_agreed(config):
    """Not by file, not with one, not with one twice, not after a restart; with two at once, and for good."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        assert set(gateway.node.directory.partners) == {"fr"}
        change = await gateway.waiting()
        await agree(change.id, change.digest, ada, "asked by letter", gateway.node)
        with pytest.raises(Forbidden):
            await agree(change.id, change.digest, ada, "again", gateway.node)
        await gateway.a_moment_later()
        assert set(gateway.node.directory.partners) == {"fr"}
    async with started(config) as gateway:
        assert set(gateway.node.directory.partners) == {"fr"}
        assert gateway.signs("DE:MA") == set()
        with pytest.raises(Forbidden):
            await agree(change.id, change.digest, ada, "after a restart", gateway.node)
        assert (await gateway.waiting()).state is ProposalState.ASKED
        await agree(change.id, change.digest, ben, "seen the letter", gateway.node)
        await gateway.a_moment_later()
        assert set(gateway.node.directory.partners) == {"de", "fr"}
        assert gateway.signs("DE:MA") == {fingerprint(SECOND)}
        outcomes = [(e.outcome, e.actor) for e in await log_of(gateway.node, kind="changed")]
        assert outcomes == [
            ("in-force", "gateway"),
            ("trust-change-agreed", "Ben"),
            ("trust-change-asked", "Ada"),
            ("trust-change-waits", "gateway"),
            ("two-persons-begins", "gateway"),
        ]
    async with started(config) as gateway:
        assert set(gateway.node.directory.partners) == {"de", "fr"}
        assert await waiting_changes(gateway.node) == []


async def test_whom_one_of_the_two_let_in_is_not_a_second_person(config):
    """Nor one whose password or second factor they set, nor two whom somebody third let in."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        puppets = [
            account(name, Post.ADMINISTRATOR, gateway.node, vouched_by=by)
            for name, by in (("Of Ada", ada.person.id), ("Shell 1", "shell"), ("Shell 2", "shell"))
        ]
        await let_in(gateway.node, *puppets)
        of_ada, shell_1, shell_2 = puppets
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        change = await gateway.waiting()
        await agree(change.id, change.digest, of_ada, "x", gateway.node)
        with pytest.raises(Forbidden, match="do not count as two persons"):
            await agree(change.id, change.digest, ada, "x", gateway.node)
        await agree(change.id, change.digest, ben, "x", gateway.node)
        register(config, "it", "IT:MA", SECOND)
        await gateway.files_changed()
        change = await gateway.waiting()
        await agree(change.id, change.digest, shell_1, "x", gateway.node)
        with pytest.raises(Forbidden, match="do not count as two persons"):
            await agree(change.id, change.digest, shell_2, "x", gateway.node)


@pytest.mark.parametrize("lack", ["auditor", "some", "no factor", "first password", "disabled"])
async def test_who_may_not_agree(config, lack):
    """Another post, only some authorities, or not there in their own name; also as the first."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        changes = {
            "auditor": {"person": replace(ben.person, post=Post.AUDITOR)},
            "some": {"person": replace(ben.person, authorities=frozenset({AuthorityId.parse("CH:MA")}))},
            "no factor": {"enrolled_at": None},
            "first password": {"initial_until": clock.now()},
            "disabled": {"person": replace(ben.person, disabled_at=clock.now())},
        }
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        change = await gateway.waiting()
        await agree(change.id, change.digest, ben, "x", gateway.node)
        async with gateway.node.storage.write() as transaction:
            await transaction.people.put(replace(ben, **cast("Any", changes[lack])))
        with pytest.raises(Forbidden):
            await agree(change.id, change.digest, ada, "the first is gone", gateway.node)
        with pytest.raises(Forbidden):
            await refuse(change.id, change.digest, ben, "x", gateway.node)
        assert (await gateway.waiting()).state is ProposalState.ASKED


async def test_an_old_certificate_counts_until_two_want_the_new_one(config):
    """Also after a restart, when its file is gone."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        (config.parent / "fr.pem").write_bytes(pem_of(SECOND))
        await gateway.files_changed()
        assert gateway.signs("FR:MA") == {fingerprint(FIRST)}
    async with started(config) as gateway:
        assert gateway.signs("FR:MA") == gateway.signs("fr") == {fingerprint(FIRST)}
        change = await gateway.waiting()
        for who in (ada, ben):
            await agree(change.id, change.digest, who, "new year", gateway.node)
        await gateway.a_moment_later()
        assert gateway.signs("FR:MA") == {fingerprint(SECOND)}


async def test_a_partner_gets_no_other_country_by_file(config):
    """It goes on speaking for those for whom two let it speak, and for nobody else."""
    async with started(config) as gateway:
        await administrators(gateway.node, "Ada", "Ben")
        changed = config.read_text(encoding="utf-8").replace('"FR:MA"', '"DE:MA"')
        config.write_text(changed, encoding="utf-8")
        await gateway.files_changed()
        assert gateway.node.directory.partners["fr"].authorities == (AuthorityId.parse("FR:MA"),)
        assert gateway.signs("DE:MA") == set()
    async with started(config) as gateway:
        assert gateway.node.directory.partners["fr"].authorities == (AuthorityId.parse("FR:MA"),)


async def test_an_authority_here_gets_no_other_country_by_file(config):
    """A restart with another id in the file: it does not live here until two say so."""
    async with started(config):
        pass
    changed = config.read_text(encoding="utf-8").replace('"CH:CUSTOMS"', '"DE:CUSTOMS"')
    config.write_text(changed, encoding="utf-8")
    async with started(config) as gateway:
        assert set(map(str, gateway.node.directory.hosted)) == {"CH:MA"}


async def test_the_rule_itself_does_not_end_by_file(config):
    """With the word taken out of the file, two must still agree: to that, and to all else."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
    config.write_text(config.read_text(encoding="utf-8").replace(RULE, ""), encoding="utf-8")
    register(config, "de", "DE:MA", SECOND)
    async with started(config) as gateway:
        assert set(gateway.node.directory.partners) == {"fr"}
        change = await gateway.waiting()
        await agree(change.id, change.digest, ada, "x", gateway.node)
        assert set(gateway.node.directory.partners) == {"fr"}
        await agree(change.id, change.digest, ben, "x", gateway.node)
    async with started(config) as gateway:
        assert gateway.beliefs.agreed is None
        register(config, "it", "IT:MA", SECOND)
        await gateway.files_changed()
        assert set(gateway.node.directory.partners) == {"de", "fr", "it"}
    add(config, RULE)
    async with started(config) as gateway:
        assert set(gateway.node.directory.partners) == {"de", "fr", "it"}
        assert len(await log_of(gateway.node, outcome="two-persons-begins")) == 2


async def test_one_agrees_to_exactly_one_change(config):
    """Files that change again ask anew; an agreement to something else is worth nothing."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        first = await gateway.waiting()
        await agree(first.id, first.digest, ada, "x", gateway.node)
        register(config, "it", "IT:MA", SECOND)
        await gateway.files_changed()
        second = await gateway.waiting()
        assert (second.state, second.digest == first.digest) == (ProposalState.FOUND, False)
        for change_id, digest in ((first.id, first.digest), (second.id, first.digest), ("x", second.digest)):
            with pytest.raises(NotFound):
                await agree(change_id, digest, ben, "x", gateway.node)
        assert await serial_that_counts(gateway.node) == 1


async def test_what_is_overtaken_and_comes_back_has_nobody_behind_it(config):
    """Somebody's earlier agreement does not wait for it."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        alone = config.read_text(encoding="utf-8")
        register(config, "de", "DE:MA", SECOND)
        with_de = config.read_text(encoding="utf-8")
        await gateway.files_changed()
        change = await gateway.waiting()
        await agree(change.id, change.digest, ada, "x", gateway.node)
        config.write_text(alone, encoding="utf-8")
        await gateway.files_changed()
        assert await waiting_changes(gateway.node) == []
        config.write_text(with_de, encoding="utf-8")
        await gateway.files_changed()
        again = await gateway.waiting()
        assert (again.digest, again.state) == (change.digest, ProposalState.FOUND)
        await agree(again.id, again.digest, ben, "x", gateway.node)
        await gateway.a_moment_later()
        assert set(gateway.node.directory.partners) == {"fr"}


async def test_what_is_refused_stays_refused(config):
    """Until the files ask for something else."""
    async with started(config) as gateway:
        ada, ben = await administrators(gateway.node, "Ada", "Ben")
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        change = await gateway.waiting()
        await refuse(change.id, change.digest, ada, "not asked for", gateway.node)
        await gateway.files_changed()
        assert await waiting_changes(gateway.node) == []
        with pytest.raises(NotFound):
            await agree(change.id, change.digest, ben, "x", gateway.node)
    async with started(config) as gateway:
        assert await waiting_changes(gateway.node) == []
        assert set(gateway.node.directory.partners) == {"fr"}


async def test_a_partner_that_was_removed_is_gone_at_once(config):
    """Believing less needs nobody; its return is no news."""
    async with started(config) as gateway:
        before = config.read_text(encoding="utf-8")
        config.write_text(before.partition("\n[[partner]]")[0] + "\n", encoding="utf-8")
        await gateway.files_changed()
        assert gateway.node.directory.partners == {}
        assert gateway.signs("FR:MA") == set()
        config.write_text(before, encoding="utf-8")
        await gateway.files_changed()
        assert gateway.signs("FR:MA") == {fingerprint(FIRST)}
        assert await waiting_changes(gateway.node) == []


async def test_what_names_no_two_persons_proves_nothing(config):
    """A row that was written by hand: who runs goes on as before, and nobody starts with it."""
    async with started(config) as gateway:
        await administrators(gateway.node, "Ada", "Ben")
        register(config, "de", "DE:MA", SECOND)
        await gateway.files_changed()
        change = await gateway.waiting()
        async with gateway.node.storage._engine.begin() as connection:
            await connection.execute(
                text("UPDATE proposals SET serial = 2, state = 'agreed', asked_by = 'x' WHERE id = :id"),
                {"id": change.id},
            )
        with pytest.raises(StorageError, match="names no two persons"):
            await gateway.a_moment_later()
        assert set(gateway.node.directory.partners) == {"fr"}
    with pytest.raises(StorageError, match="names no two persons"):
        async with started(config):
            pass
