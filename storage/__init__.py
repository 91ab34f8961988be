"""The one door to the database: Papers in, Papers out, and no SQL anywhere else.

SQLAlchemy Core over aiosqlite. What only SQLite has sits in engine.py, so that PostgreSQL can come later without a caller
noticing.
"""
