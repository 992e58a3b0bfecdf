"""
The message log in months, with what is searched for; searches that people keep.

On PostgreSQL the table is made anew in partitions, one for each month, and the entries are moved into it; the
gateway cannot write to its log meanwhile. On SQLite the columns are added. Entries that are there get a salt
and the words of their detail.

Revision 0011.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.messagelog.ids import first_id, month_of, months_later
from gateway.messagelog.words import LONGEST, words_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_AHEAD = 12
"""Months that get their partition now; the gateway makes the following ones when it starts."""

_FIRST = datetime(2020, 1, 1, tzinfo=UTC)
"""No gateway is older; an id from before then has no time in it."""

_COLUMNS = {
    "kind": 32,
    "actor": 64,
    "partner": 64,
    "authority": 32,
    "message_id": 36,
    "issuer": 2,
    "number": 35,
    "digest": 64,
    "correlation_id": 64,
    "outcome": 64,
}
"""Words of so many characters at most."""

_OLD = ("id", "at", *_COLUMNS, "detail")
_INDEXES = {
    "number_id": ["number", "id"],
    "message_id_id": ["message_id", "id"],
    "correlation_id_id": ["correlation_id", "id"],
    "issuer_id": ["issuer", "id"],
    "partner_id": ["partner", "id"],
    "authority_partner_id": ["authority", "partner", "id"],
    "actor_id": ["actor", "id"],
    "kind_outcome_id": ["kind", "outcome", "id"],
    "outcome_id": ["outcome", "id"],
}
"""A kind has its own outcomes, and an authority its partner: of what never meets nothing is looked at."""

_INDEXED_BEFORE = ("number_id", "partner_id", "outcome_id")

_MILLISECONDS = "('x' || replace(left(id, 13), '-', ''))::bit(48)::bigint"

_SIMPLE = "(detail !~ '[^\\x01-\\x7f]' AND length(detail) <= 2000)"
"""What PostgreSQL cuts into the same words as we do."""

_SIMPLE_WORDS = f"""
    ARRAY(
        SELECT DISTINCT left(word, {LONGEST}) AS word
        FROM regexp_split_to_table(lower(detail COLLATE "C"), '[^a-z0-9]+') AS word
        WHERE word <> '' ORDER BY word
    )
"""  # noqa: S608 - our own words

_BATCH = 5000


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _into_months()
    else:
        _add_columns()
    op.create_table(
        "searches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    op.create_index(op.f("ix_searches_person_name"), "searches", ["person", "name"])
    op.create_index(op.f("ix_searches_name_at"), "searches", ["name", "at"])


def downgrade() -> None:
    op.drop_table("searches")
    if op.get_bind().dialect.name == "postgresql":
        _into_one()
    else:
        _drop_columns()


def _into_months() -> None:
    """PostgreSQL: a new table beside the old one, the months that it needs, the entries, then the indexes."""
    _put_aside()
    op.create_table(
        "log_entries",
        *_columns(sa.String(length=36, collation="C")),
        sa.Column("salt", sa.LargeBinary(), server_default="", nullable=False),
        sa.Column("headers", sa.Text(), server_default="{}", nullable=False),
        sa.Column("words", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        postgresql_partition_by="RANGE (id)",
    )
    op.execute("CREATE TABLE log_entries_p0 PARTITION OF log_entries DEFAULT")
    for month in _months():
        borders = f"FROM ('{first_id(month)}') TO ('{first_id(months_later(month, 1))}')"
        op.execute(f"CREATE TABLE log_entries_p{month:%Y_%m} PARTITION OF log_entries FOR VALUES {borders}")
    names = ", ".join(_OLD)
    op.execute(
        f"INSERT INTO log_entries ({names}, salt, words) "  # noqa: S608 - our own words
        f"SELECT {names}, uuid_send(gen_random_uuid()), CASE WHEN {_SIMPLE} THEN {_SIMPLE_WORDS} END "
        "FROM log_entries_before ORDER BY id"
    )
    op.drop_table("log_entries_before")
    op.create_primary_key(op.f("pk_log_entries"), "log_entries", ["id"])
    _cut_the_rest()
    for name, columns in _INDEXES.items():
        op.create_index(op.f(f"ix_log_entries_{name}"), "log_entries", columns)
    op.create_index(op.f("ix_log_entries_words"), "log_entries", ["words"], postgresql_using="gin")
    op.execute("ANALYZE log_entries")


def _put_aside() -> None:
    """The table that is there under another name, and the names of what belongs to it free."""
    op.rename_table("log_entries", "log_entries_before")
    op.drop_constraint(op.f("pk_log_entries"), "log_entries_before")
    for (name,) in op.get_bind().execute(
        sa.text("SELECT indexname FROM pg_indexes WHERE tablename = 'log_entries_before'")
    ):
        op.execute(f"DROP INDEX {name}")


def _months() -> list[datetime]:
    """Those in which there are entries, and the coming ones."""
    bind = op.get_bind()
    now = bind.execute(sa.text("SELECT now()")).scalar_one()
    last = months_later(month_of(now), _AHEAD)
    found = bind.execute(
        sa.text(
            "SELECT DISTINCT date_trunc('month', to_timestamp(made / 1000), 'UTC') FROM "  # noqa: S608
            f"(SELECT {_MILLISECONDS} AS made FROM log_entries_before "
            "WHERE id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7') AS ids WHERE made BETWEEN :first AND :last"
        ),
        {
            "first": int(_FIRST.timestamp() * 1000),
            "last": int(months_later(last, 1).timestamp() * 1000) - 1,
        },
    )
    coming = [months_later(month_of(now), count) for count in range(_AHEAD + 1)]
    return sorted({month_of(month) for month in found.scalars()} | set(coming))


def _cut_the_rest() -> None:
    """The words of details that PostgreSQL would cut otherwise than we do."""
    bind, last = op.get_bind(), ""
    page = sa.text(
        "SELECT id, detail FROM log_entries WHERE words IS NULL AND id > :last ORDER BY id LIMIT :most"
    )
    write = sa.text("UPDATE log_entries SET words = :words WHERE id = :id").bindparams(
        sa.bindparam("words", type_=sa.ARRAY(sa.Text()))
    )
    while rows := bind.execute(page, {"last": last, "most": _BATCH}).all():
        bind.execute(write, [{"id": row.id, "words": list(words_of(row.detail))} for row in rows])
        last = rows[-1].id


def _into_one() -> None:
    """PostgreSQL: one table again, of what there was before."""
    op.rename_table("log_entries", "log_entries_before")
    op.execute("ALTER TABLE log_entries_before DROP CONSTRAINT pk_log_entries")
    for name in (*_INDEXES, "words"):
        op.execute(f"DROP INDEX ix_log_entries_{name}")
    op.create_table("log_entries", *_columns(sa.String(length=36)))
    names = ", ".join(_OLD)
    op.execute(f"INSERT INTO log_entries ({names}) SELECT {names} FROM log_entries_before")  # noqa: S608
    op.drop_table("log_entries_before")
    op.create_primary_key(op.f("pk_log_entries"), "log_entries", ["id"])
    for name in _INDEXED_BEFORE:
        op.create_index(op.f(f"ix_log_entries_{name}"), "log_entries", _INDEXES[name])
    op.create_index(op.f("ix_log_entries_at"), "log_entries", ["at"])


def _add_columns() -> None:
    """SQLite: what is new beside what there is."""
    with op.batch_alter_table("log_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("salt", sa.LargeBinary(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("headers", sa.Text(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("words", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    driver: Any = op.get_bind().connection.driver_connection
    driver.create_function("ecites_words", 1, lambda text: f" {' '.join(words_of(text))} ")
    op.execute("UPDATE log_entries SET salt = randomblob(16), words = ecites_words(detail)")
    for name, columns in _INDEXES.items():
        if name not in _INDEXED_BEFORE:
            op.create_index(op.f(f"ix_log_entries_{name}"), "log_entries", columns)
    op.drop_index(op.f("ix_log_entries_at"), "log_entries")


def _drop_columns() -> None:
    """SQLite: without what is new."""
    op.create_index(op.f("ix_log_entries_at"), "log_entries", ["at"])
    for name in _INDEXES:
        if name not in _INDEXED_BEFORE:
            op.drop_index(op.f(f"ix_log_entries_{name}"), "log_entries")
    for name in ("salt", "headers", "words", "erased_at"):
        op.drop_column("log_entries", name)


def _columns(key: sa.String) -> list[sa.Column[Any]]:
    """The columns that there were before."""
    return [
        sa.Column("id", key, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in _COLUMNS.items()),
        sa.Column("detail", sa.Text(), nullable=False),
    ]
