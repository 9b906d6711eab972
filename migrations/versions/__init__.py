"""Alembic's revisions.  Thin: what a revision does stands in ``sql/``."""
