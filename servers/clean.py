"""`make clean` and `make distclean`. Standard library only: .venv itself is removed."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent

MADE = (".venv", "build", "dist", "prompts/built", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        ".hypothesis", ".import_linter_cache")  # fmt: skip
_KEEP_OUT = {".git", ".venv", "run"}


def remove(path: Path) -> None:
    """Remove a file or folder that may not be there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def in_use(run: Path) -> bool:
    """Whether a supervisor holds the run folder."""
    try:
        with (run / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def main(arguments: list[str]) -> int:
    """Remove what can be made again; with --all the data too."""
    run = (REPO / Path(os.environ.get("HULING_RUN_DIR", "run")).expanduser()).resolve()
    if in_use(run):
        print(f"A Huling runs in {run}: stop it first with Ctrl-C.")
        return 2
    for name in MADE:
        remove(REPO / name)
    for path in [*REPO.glob("*.egg-info")]:
        remove(path)
    for top in (path for path in REPO.iterdir() if path.is_dir() and path.name not in _KEEP_OUT):
        for path in [*top.rglob("__pycache__")]:
            remove(path)
    if "--all" in arguments:
        remove(run)
        cache = Path(os.environ.get("HULING_CACHE_DIR", "~/.cache/huling")).expanduser().resolve()
        for path in cache.glob("root-*"):
            remove(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
