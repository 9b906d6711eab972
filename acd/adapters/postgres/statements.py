"""SQL from files."""

from functools import cache
from importlib.resources import files


@cache
def sql(name: str) -> str:
    """Return the statement in ``sql/<name>.sql``.  Raises FileNotFoundError."""
    return (files("acd.adapters.postgres") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
