"""From what the database libraries raise to sentences; no password and no statement is in them."""

import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.errors import GatewayError, MalformedRequest, StorageError

_UNREACHABLE = "check that PostgreSQL runs there and that host and port in `database` are right"

_CONNECTING: tuple[tuple[type[Exception], str, str], ...] = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "refuses the user or the password",
        "check both in `database`; without a password there, PGPASSWORD and ~/.pgpass count",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "has no database of that name",
        "check the name in `database`, or make it: createdb --encoding UTF8 NAME",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "does not let this user into that database",
        "grant the user CONNECT on it",
    ),
    (asyncpg.CannotConnectNowError, "is starting or stopping", "wait a moment and look at its own log"),
    (
        asyncpg.TooManyConnectionsError,
        "has no connection left",
        "raise max_connections there, or run fewer processes; each takes up to 10",
    ),
    (
        ssl.SSLError,
        "does not agree on TLS",
        "check sslmode and sslrootcert in `database`, and the server's certificate",
    ),
    (TimeoutError, "does not answer", _UNREACHABLE),
    (OSError, "cannot be reached", _UNREACHABLE),
)
"""What can go wrong before there is a connection; the first that fits counts."""

_WORKING: tuple[tuple[type[Exception], str, str], ...] = (
    (asyncpg.DiskFullError, "its disk is full", "make room; what waits is then tried again"),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "it takes no writes",
        "this is a standby: name the primary, or add target_session_attrs=read-write to `database`",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "this user may not do that",
        "let the user own the tables: they are made by `ecites db upgrade` under the same user",
    ),
    (
        asyncpg.LockNotAvailableError,
        "another transaction holds the tables",
        "try again; look who it is in pg_stat_activity",
    ),
    (
        asyncpg.QueryCanceledError,
        "a statement took too long",
        "look at its load and at the locks in pg_stat_activity",
    ),
)
"""What can go wrong on a connection that works."""

LOST = (
    "the connection to the database broke; whether what was being written is kept is not known",
    "send the same again, nothing is done twice; the gateway connects again by itself",
)


def cannot_connect(error: Exception, url: str) -> StorageError:
    """The sentence about a server that cannot be connected to: where, and never with which password."""
    address = urlsplit(url)
    where = address.netloc.rpartition("@")[2] or " ".join(parse_qs(address.query).get("host", []))
    what, advice = next(
        ((what, advice) for kind, what, advice in _CONNECTING if isinstance(error, kind)),
        (f"cannot be used ({type(error).__name__})", "check the address in `database`"),
    )
    return StorageError(f"the database server {where or 'of this machine'} {what}", advice=advice)


def went_wrong(error: Exception) -> GatewayError:
    """The sentence about a failure on a connection that was there."""
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)):
        return MalformedRequest(
            "the request has a character that the database does not keep",
            advice="leave out the null character",
        )
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
        return StorageError(
            "the database failed: its disk is full", advice="make room; what waits is then tried again"
        )
    if _is_lost(error, cause):
        return StorageError(LOST[0], advice=LOST[1])
    for kind, what, advice in _WORKING:
        if isinstance(cause, kind):
            return StorageError(f"the database failed: {what}", advice=advice)
    return StorageError(
        f"the database failed: {type(error).__name__}",
        advice="look at the gateway's own log; check the disk and the database",
    )


def _is_lost(error: Exception, cause: object) -> bool:
    """Whether the connection is gone, or so silent that it counts as gone."""
    return (
        isinstance(error, TimeoutError)
        or (isinstance(error, DBAPIError) and error.connection_invalidated)
        or isinstance(
            cause,
            (
                asyncpg.PostgresConnectionError,
                asyncpg.AdminShutdownError,
                asyncpg.CrashShutdownError,
                OSError,
            ),
        )
    )


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """SQLAlchemy's errors stop at this border, and the driver's own where SQLAlchemy lets them through."""
    try:
        yield
    except (
        SQLAlchemyError,
        sqlite3.Error,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        TimeoutError,
    ) as error:
        raise went_wrong(error) from error
