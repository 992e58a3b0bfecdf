import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import insert, text
from support.exchange import CH_MA, log_entry, message
from support.keys import NOW

from gateway.clock import new_id
from gateway.errors import ConfigurationError, StorageError
from gateway.exchange.grants import Grant
from gateway.messagelog.query import LogQuery
from gateway.permits.scopes import Scope
from gateway.storage.engine import _alembic, check_shape, drift, open_engine, sqlite_file, upgrade
from gateway.storage.log import entry_values
from gateway.storage.months import AHEAD
from gateway.storage.tables import log_entries
from gateway.storage.tokens import new_token, token_hash
from gateway.storage.unit_of_work import Database

AFTERWARDS = {"salt", "headers", "words", "erased_at"}
"""Columns that the message log has since revision 0011."""


@pytest.fixture
async def on_sqlite(tmp_path):
    """A SQLite database that nothing has been done to."""
    opened = open_engine(f"sqlite:///{tmp_path / 'ecites.db'}")
    yield opened
    await opened.dispose()


@pytest.fixture
async def on_postgres(postgres):
    """A PostgreSQL database that nothing has been done to."""
    async with postgres.fresh() as name:
        opened = open_engine(postgres.url(name))
        yield opened
        await opened.dispose()


@pytest.fixture(params=["on_postgres", "on_sqlite"])
def engine(request):
    """Each kind of database that nothing has been done to."""
    return request.getfixturevalue(request.param)


async def test_the_migrations_make_what_the_tables_say(engine):
    """A database made by `upgrade` has no difference to the tables."""
    await upgrade(engine)
    assert await drift(engine) == []


async def test_a_difference_to_the_tables_is_noticed(engine):
    """Without a column of the tables, `drift` is not empty: the test above can fail."""
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE log_entries DROP COLUMN detail"))
    assert await drift(engine) != []


async def test_a_database_made_by_upgrade_is_accepted(engine):
    """`check_shape` is content with the newest revision."""
    await upgrade(engine)
    await check_shape(engine)


async def test_upgrading_twice_changes_nothing(engine):
    """A second upgrade keeps the data and the shape."""
    await upgrade(engine)
    entry = log_entry()
    async with Database(engine).write() as transaction:
        await transaction.log.append(entry)
    await upgrade(engine)
    async with Database(engine).read() as transaction:
        assert await transaction.log.search(LogQuery()) == [entry]


async def test_rows_of_the_first_version_are_still_good(engine):
    """Tokens and messages that were kept before there were mailboxes mean what they meant."""
    await upgrade(engine)
    kept, token = message(), new_token()
    async with Database(engine).write() as transaction:
        await transaction.messages.add(kept)
        await transaction.tokens.add(token, CH_MA, NOW)
    async with engine.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(_alembic(c), "0001"))
    await upgrade(engine)
    async with Database(engine).read() as transaction:
        assert await transaction.messages.find(kept.direction, kept.sender, kept.message_id) == kept
        assert await transaction.tokens.find(token_hash(token)) == Grant(token_hash(token), CH_MA, "", NOW)


async def test_entries_of_a_log_without_months_are_moved(engine):
    """All of them, with their words and a salt of their own, whatever their month and their id."""
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(_alembic(c), "0010"))
        kept = [
            log_entry(id=new_id(at), at=at, detail=detail, salt=b"", headers={})
            for at, detail in [
                (NOW - timedelta(days=400), "the first: permit_invalid"),
                (NOW, "ROTE Orchideen, Größe 3"),
                (NOW + timedelta(days=40), "x" * 100),
                (datetime(9000, 1, 1, tzinfo=UTC), "from a clock that was wrong"),
            ]
        ]
        kept.append(replace(kept[0], id="no-id-of-ours", detail=""))
        for entry in kept:
            row = {name: value for name, value in entry_values(entry).items() if name not in AFTERWARDS}
            await connection.execute(insert(log_entries).values(row).inline())
    await upgrade(engine)
    async with Database(engine).read() as transaction:
        found = await transaction.log.search(LogQuery())
        by_id = sorted(kept, key=lambda entry: entry.id, reverse=True)
        assert [replace(entry, salt=b"") for entry in found] == by_id
        assert {len(entry.salt) for entry in found} == {16}
        assert len({entry.salt for entry in found}) == len(kept)
        for words, entry in zip(["invalid", "grosse", "x" * 64, "clock"], kept, strict=False):
            assert [each.id for each in await transaction.log.search(LogQuery(text=words))] == [entry.id]


async def test_months_lie_apart_on_postgresql(on_postgres):
    """Each month that has entries, the coming ones, and what belongs to none in one of its own."""
    await upgrade(on_postgres)
    now = (await _scalars(on_postgres, "SELECT now()"))[0]
    moments = [now, now + timedelta(days=60), datetime(2000, 1, 1, tzinfo=UTC)]
    async with Database(on_postgres).write() as transaction:
        await transaction.log.append(*(log_entry(id=new_id(at), at=at) for at in moments))
    lies_in = await _scalars(on_postgres, "SELECT tableoid::regclass::text FROM log_entries ORDER BY id")
    assert lies_in == ["log_entries_p0", *(f"log_entries_p{at:%Y_%m}" for at in moments[:2])]


async def test_coming_months_are_made_and_nothing_fails_without_them(on_postgres):
    """They can be made again at any time; one of which entries lie among the rest stays there."""
    await upgrade(on_postgres)
    later = (await _scalars(on_postgres, "SELECT now()"))[0] + timedelta(days=3 * 365)
    stray = log_entry(id=new_id(later), at=later)
    database = Database(on_postgres)
    async with database.write() as transaction:
        await transaction.log.append(stray)
    made = await database.make_months(later)
    assert len(made) == AHEAD
    assert f"log_entries_p{later:%Y_%m}" not in made
    assert await database.make_months(later) == []
    next_year = later + timedelta(days=365)
    async with database.write() as transaction:
        await transaction.log.append(log_entry(id=new_id(next_year), at=next_year, number="next"))
        assert [entry.number for entry in await transaction.log.search(LogQuery())] == ["next", stray.number]
    tables = await _scalars(
        on_postgres, "SELECT tablename FROM pg_indexes WHERE tablename ~ '^log_entries_p'"
    )
    assert tables.count(f"log_entries_p{next_year:%Y_%m}") == tables.count("log_entries_p0") > 1
    assert await drift(on_postgres) == []


async def test_a_month_can_be_taken_away_as_a_whole(on_postgres):
    """The log goes on without it; the search finds the others."""
    await upgrade(on_postgres)
    now = (await _scalars(on_postgres, "SELECT now()"))[0]
    entries = [log_entry(id=new_id(at), at=at) for at in (now, now + timedelta(days=40))]
    async with Database(on_postgres).write() as transaction:
        await transaction.log.append(*entries)
    async with on_postgres.begin() as connection:
        month = f"log_entries_p{now:%Y_%m}"
        await connection.execute(text(f"ALTER TABLE log_entries DETACH PARTITION {month}"))
    async with Database(on_postgres).read() as transaction:
        assert await transaction.log.search(LogQuery(partner="ch")) == entries[1:]


async def _scalars(engine, statement):
    """The first column of what a statement finds."""
    async with engine.connect() as connection:
        return list((await connection.execute(text(statement))).scalars())


async def test_a_scope_of_a_newer_program_opens_nothing(engine):
    """And a token that has no other one does not open everything."""
    await upgrade(engine)
    newer, both = new_token(), new_token()
    async with Database(engine).write() as transaction:
        for token in (newer, both):
            await transaction.tokens.add(token, CH_MA, NOW, wanted=frozenset({Scope.CHECK}))
    async with engine.begin() as connection:
        for token, scopes in ((newer, "moon:write"), (both, "moon:write permits:check")):
            await connection.execute(
                text("UPDATE tokens SET scopes = :scopes WHERE token_hash = :hash"),
                {"scopes": scopes, "hash": token_hash(token)},
            )
    async with Database(engine).read() as transaction:
        assert (await transaction.tokens.find(token_hash(newer))).scopes == frozenset()
        assert (await transaction.tokens.find(token_hash(both))).scopes == {Scope.CHECK}


async def test_an_empty_database_is_refused(engine):
    """Without tables the gateway says which command makes them."""
    with pytest.raises(StorageError, match="empty") as refused:
        await check_shape(engine)
    assert "ecites db upgrade" in refused.value.advice


async def test_an_unknown_revision_is_refused(engine):
    """A database of a newer program is named with both revisions."""
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="revision 9999, this program expects 0018"):
        await check_shape(engine)


async def test_a_folder_that_does_not_exist_is_an_error_of_storage(tmp_path):
    """SQLite cannot make folders; check and upgrade both say that the database does not work."""
    engine = open_engine(f"sqlite:///{tmp_path / 'missing' / 'ecites.db'}")
    with pytest.raises(StorageError, match="does not answer"):
        await check_shape(engine)
    with pytest.raises(StorageError, match="cannot be prepared"):
        await upgrade(engine)
    await engine.dispose()


async def test_a_file_that_is_no_database_is_an_error_of_storage(tmp_path):
    """A text file under the name of the database is refused, and left as it is."""
    file = tmp_path / "ecites.db"
    file.write_text("this is not a database" * 100)
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(StorageError):
        await check_shape(engine)
    await engine.dispose()
    assert file.read_text().startswith("this is not a database")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://x/y", "sqlite+pysqlite:///x", "postgresql+psycopg2://x/y", "http://x"]
)
def test_other_databases_are_refused(url):
    """Only sqlite:// and postgresql:// are addresses of a database."""
    with pytest.raises(ConfigurationError, match="not supported"):
        open_engine(url)


def test_the_file_of_an_address_is_known():
    """The gateway can look whether the SQLite file exists; a server has none."""
    assert str(sqlite_file("sqlite:////var/lib/ecites.db")) == "/var/lib/ecites.db"
    assert sqlite_file("sqlite://") is None
    assert sqlite_file("postgresql://user@host/name") is None


async def test_a_commit_is_on_disk(on_sqlite):
    """WAL and synchronous FULL are set on every connection (promise 1)."""
    async with on_sqlite.connect() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar() == 2
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1


async def test_another_process_sees_a_commit_at_once(on_sqlite, tmp_path):
    """What `write` has kept is read by a second connection that knows nothing of the gateway."""
    await upgrade(on_sqlite)
    async with Database(on_sqlite).write() as transaction:
        await transaction.log.append(log_entry(number="seen"))
    other = sqlite3.connect(tmp_path / "ecites.db")
    try:
        assert other.execute("SELECT number FROM log_entries").fetchall() == [("seen",)]
    finally:
        other.close()


async def test_a_failing_database_is_an_error_of_storage(engine):
    """SQLAlchemy's exceptions never leave the storage, neither from write nor from read."""
    database = Database(engine)
    with pytest.raises(StorageError):
        async with database.write() as transaction:
            await transaction.log.append(log_entry())
    with pytest.raises(StorageError):
        async with database.read() as transaction:
            await transaction.log.search(LogQuery())


async def test_a_writer_goes_on_after_another_one_failed(engine):
    """The turn of a failed transaction is given back."""
    database = Database(engine)
    with pytest.raises(StorageError):
        async with database.write() as transaction:
            await transaction.log.append(log_entry())
    await upgrade(engine)
    async with database.write() as transaction:
        await transaction.log.append(log_entry())
