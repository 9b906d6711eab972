"""The service's own settings, with the run and cache folders made absolute for the servers."""

from __future__ import annotations

from pathlib import Path

from acd.runtime.credentials import ConfigurationError, Secrets, ensure_secrets
from acd.runtime.settings import Settings, load_settings
from servers.steps import Refusal

__all__ = ["REPO", "Secrets", "Settings", "load", "settled", "settled_secrets"]

REPO = Path(__file__).resolve().parent.parent

# sockaddr_un holds 108 bytes with its closing zero, and PostgreSQL's name is our longest.
_RUN_DIR_BYTES_MAX = 107 - len("/postgres/socket/.s.PGSQL.65535")


def load() -> Settings:
    """Read the environment. Raises Refusal with one sentence when a value is wrong."""
    try:
        return settled(load_settings())
    except ConfigurationError as error:
        raise Refusal(str(error)) from None


def settled(settings: Settings) -> Settings:
    """The same settings with absolute folders: a server's working folder is not ours."""
    run = settings.run_dir.expanduser().resolve()
    if len(str(run).encode()) > _RUN_DIR_BYTES_MAX:
        raise Refusal(
            f"The run folder's path {run} is too long for Unix sockets (at most "
            f"{_RUN_DIR_BYTES_MAX} bytes): set HULING_RUN_DIR to a shorter one."
        )
    return settings.model_copy(
        update={"run_dir": run, "cache_dir": settings.cache_dir.expanduser().resolve()}
    )


def settled_secrets(settings: Settings) -> Secrets:
    """The servers' passwords, made on the first run. Raises Refusal when they cannot be read."""
    try:
        ensure_secrets(settings.secrets_path)
        return settings.secrets()
    except ConfigurationError as error:
        raise Refusal(str(error)) from None
