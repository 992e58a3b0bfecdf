"""A message log as long as one likes, with values as frequent and as rare as real ones."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway import clock

MONTHS = 24
PERMITS_PER_ENTRY = 5
"""Ten million entries are about two million permits."""

PARTIES = 60
PARTNERS = 40
AUTHORITIES = 200
"""Each lives behind one partner, five behind each."""

ORDINARY = ("sent", "received", "handed-over", "submitted", "asked", "fetched", "sent", "received")
RARE_KIND, RARER_KIND = "operated", "changed"
ERRORS = 40
"""Codes of errors; each is about 0.8 times as frequent as the one before it."""

VOCABULARY = 5000
"""Words of sentences, each less frequent than the one before it: w1 is everywhere, w5000 in a few hundred."""

_SPREAD = f"""
    SELECT
        n, made, partner, kind, error,
        floor(power(random(), 1.5) * {AUTHORITIES // PARTNERS})::int AS seat,
        floor(power(random(), 2) * {PARTIES})::int AS party,
        floor(random() * :permits)::int AS permit,
        (n / 4)::int AS message,
        (n / 3)::int AS request,
        ARRAY(
            SELECT 'w' || (1 + floor(power(random(), 4) * {VOCABULARY}))::int
            FROM generate_series(1, CASE WHEN kind = 'refused' THEN 12 WHEN n % 3 = 0 THEN 6 ELSE 0 END)
            WHERE n > 0
        ) AS said
    FROM (
        SELECT
            n,
            (:first + n * :step)::bigint AS made,
            floor(power(random(), 2) * {PARTNERS})::int AS partner,
            least(floor(-ln(1 - random()) / 0.22), {ERRORS - 1})::int AS error,
            CASE
                WHEN n % 100000 = 7 THEN '{RARER_KIND}'
                WHEN n % 5000 = 7 THEN '{RARE_KIND}'
                WHEN random() < 0.05 THEN 'refused'
                ELSE (ARRAY{list(ORDINARY)})[1 + floor(random() * {len(ORDINARY)})::int]
            END AS kind
        FROM generate_series(CAST(:from AS bigint), CAST(:to AS bigint)) AS n
    ) AS drawn
"""  # noqa: S608 - our own numbers

_ROWS = f"""
    SELECT
        id_of(made, n) AS id,
        to_timestamp(made / 1000.0) AS at,
        kind,
        CASE
            WHEN kind IN ('sent', 'operated') THEN 'worker'
            WHEN kind = 'received' THEN 'p' || partner
            ELSE 'CH:MA-' || (partner * {AUTHORITIES // PARTNERS} + seat)
        END AS actor,
        'p' || partner AS partner,
        'CH:MA-' || (partner * {AUTHORITIES // PARTNERS} + seat) AS authority,
        id_of(made, message) AS message_id,
        chr(65 + party / 26) || chr(65 + party % 26) AS issuer,
        'CH-2026-' || permit AS number,
        repeat(md5(message::text), 2) AS digest,
        left(md5(request::text), 16) AS correlation_id,
        CASE kind
            WHEN 'refused' THEN 'error_' || error
            WHEN 'asked' THEN CASE WHEN n % 11 = 0 THEN 'not-valid' ELSE 'valid' END
            WHEN 'received' THEN 'accepted'
            WHEN 'fetched' THEN CASE WHEN n % 2 = 0 THEN 'listed' ELSE 'fetched' END
            ELSE 'delivered'
        END AS outcome,
        array_to_string(said, ' ') AS detail
    FROM ({_SPREAD}) AS spread
"""  # noqa: S608 - as above

_ID_OF = """
    CREATE FUNCTION pg_temp.id_of(made bigint, n bigint) RETURNS text LANGUAGE sql AS $$
        SELECT left(h, 8) || '-' || right(h, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0')
        FROM (SELECT lpad(to_hex(made), 12, '0') AS h) AS hex
    $$
"""

COLUMNS = (
    "id, at, kind, actor, partner, authority, message_id, issuer, number, digest, correlation_id, outcome, "
    "detail"
)

WORDED = (
    f"INSERT INTO log_entries ({COLUMNS}, salt, words) SELECT {COLUMNS}, uuid_send(gen_random_uuid()), "  # noqa: S608
    f"(SELECT coalesce(array_agg(DISTINCT w), '{{}}') FROM unnest(string_to_array(detail, ' ')) AS w) "
    f"FROM ({_ROWS}) AS rows"
)
PLAIN = f"INSERT INTO log_entries ({COLUMNS}) SELECT {COLUMNS} FROM ({_ROWS}) AS rows"  # noqa: S608

CHUNK = 500_000

MISSING_MONTHS = f"""
    DO $$
    DECLARE
        begins timestamptz;
        ends timestamptz;
    BEGIN
        FOR back IN 1..{MONTHS} LOOP
            begins := date_trunc('month', now(), 'UTC') - make_interval(months => back);
            ends := begins + interval '1 month';
            EXECUTE format(
                'CREATE TABLE log_entries_p%s PARTITION OF log_entries FOR VALUES FROM (%L) TO (%L)',
                to_char(begins AT TIME ZONE 'UTC', 'YYYY_MM'),
                pg_temp.border((extract(epoch FROM begins) * 1000)::bigint),
                pg_temp.border((extract(epoch FROM ends) * 1000)::bigint)
            );
        END LOOP;
    END $$
"""
"""As a gateway has them that has run for so long."""

BORDER = """
    CREATE FUNCTION pg_temp.border(made bigint) RETURNS text LANGUAGE sql AS $$
        SELECT left(h, 8) || '-' || right(h, 4) || '-0000-0000-000000000000'
        FROM (SELECT lpad(to_hex(made), 12, '0') AS h) AS hex
    $$
"""


async def fill(engine: AsyncEngine, entries: int, statement: str) -> None:
    """Write entries over the past `MONTHS`, evenly."""
    span = MONTHS * 30 * 86400 * 1000
    first = int(clock.now().timestamp() * 1000) - span
    for begin in range(0, entries, CHUNK):
        async with engine.begin() as connection:
            await connection.execute(text(_ID_OF))
            await connection.execute(
                text(statement.replace("id_of(", "pg_temp.id_of(")),
                {
                    "first": first,
                    "step": span / entries,
                    "permits": max(entries // PERMITS_PER_ENTRY, 1),
                    "from": begin,
                    "to": min(begin + CHUNK, entries) - 1,
                },
            )
            await connection.execute(text("DROP FUNCTION pg_temp.id_of"))


async def without_indexes(connection: AsyncConnection) -> list[str]:
    """Drop what slows filling down; the statements that make it again."""
    again = list(
        (
            await connection.execute(
                text("SELECT indexdef FROM pg_indexes WHERE tablename = 'log_entries' AND indexname ~ '^ix_'")
            )
        ).scalars()
    )
    for definition in again:
        await connection.execute(text(f"DROP INDEX {definition.split()[2]}"))
    return [definition.replace(" ON ONLY ", " ON ") for definition in again]
