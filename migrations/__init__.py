"""The schema's path: one pair of SQL files per revision in ``sql/``, named by ``versions/``.

Run by ``acd db migrate`` (``acd.adapters.postgres.migration``), never by hand.
"""
