"""Which facts PostgreSQL has not got: noted on the disk for as long as it is away, so that a start
after a crash in that time knows what the journal alone has."""

from pathlib import Path

from acd.runtime.credentials import write_private_text
from acd.runtime.logs import logger

log = logger(__name__)

NAME = "unwritten"


class Shortfall:
    """A file of two numbers: the life's epoch, and the first fact that is lacking."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def note(self, epoch: int, first: int) -> None:
        """What comes from this fact on may be lacking; on the disk when this returns."""
        try:
            write_private_text(self._path, f"{epoch} {first}\n")
        except OSError as error:  # the disk is full, and the journal has ended too
            log.warning("What PostgreSQL lacks could not be noted.", why=str(error))

    def read(self) -> tuple[int, int] | None:
        """Return epoch and first fact; None when nothing is lacking, or nobody can tell what is,
        which the log says then."""
        try:
            epoch, first = self._path.read_text(encoding="ascii").split()
            return int(epoch), int(first)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.error("What PostgreSQL lacks cannot be read.", path=str(self._path), why=str(error))
            return None

    def clear(self) -> None:
        """PostgreSQL has everything."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("What PostgreSQL lacked could not be taken off the disk.", why=str(error))
