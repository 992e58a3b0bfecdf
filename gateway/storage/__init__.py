"""
The database: SQLAlchemy Core on SQLite (one file, no server) or PostgreSQL.

`Database` fulfils the `Storage` port of the flows; the tables are in `tables/`, one file per store.
"""
