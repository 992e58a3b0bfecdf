"""
The database: SQLAlchemy Core on SQLite (one file, no server) or PostgreSQL.

`Database` fulfils the `Storage` port of the flows; the tables are in `tables.py`, one file per store.
"""
