"""What make runs: each of check, test, bench and drill in a private world of its own.

What needs the outside (the packages, the root) is done before; inside there is a loopback of its
own, so the host's ports and a running Huling do not matter, and a pid namespace that takes every
forgotten process with it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from servers import namespaces
from servers.browser import ensure_browser
from servers.root import ensure_root
from servers.run import build_prompts
from servers.settings import REPO, Settings, load
from servers.stack import write_tools
from servers.steps import Refusal, Step, say
from servers.workers import OWN_TIER, world
from servers.workers import arguments as shared_out

TIERS = ("core", *OWN_TIER)
# What `make test` runs, before a commit: with check the first four.
USUAL_TIERS = ("core", "switch", "softphone")
# What CI runs: all but the one that needs a browser of 850 MB.
ALL_TIERS = (*USUAL_TIERS, "simulation", "servers", "faults")

# A test's world starts from the defaults; only what it cannot make itself comes from outside.
_KEPT_SETTINGS = ("HULING_CACHE_DIR", "HULING_ASTERISK", "HULING_REALTIME")

# Two Asterisks and two services that go before everything else, on the two processors of a small
# machine, would leave the telephones and callers of the tests behind.
_AS_A_TEST = {"HULING_REALTIME": "no"}

# Some container images ask Python to keep nothing that it has compiled. A run of the tests starts
# the service and its commands a hundred times, and each would compile all of it again.
_LEFT_OUTSIDE = "PYTHONDONTWRITEBYTECODE"

_CHECKED_FOLDERS = ("acd", "servers", "prompts", "migrations", "bench", "tests")


def check() -> int:
    """Style, format, types, import rules: all of them, then 1 if any complained."""
    python = sys.executable
    folders = [name for name in _CHECKED_FOLDERS if next((REPO / name).rglob("*.py"), None)]
    steps = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy --strict": [python, "-m", "mypy", *folders],
        "import rules": [
            python,
            "-c",
            "from importlinter.cli import lint_imports_command as c; c()",
        ],
    }
    failed = 0
    for title, command in steps.items():
        with Step(title) as step:
            done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                step.result("complaints")
                failed = 1
        if done.returncode != 0:
            say((done.stdout + done.stderr).rstrip())
    return failed


def test(tiers: Sequence[str], arguments: Sequence[str], *, workers: int) -> int:
    """Run pytest once over the folders of these tiers; its closing line is our last.

    `workers` share the tests out; one is pytest alone, as a debugger needs it.
    """
    unknown = set(tiers) - set(TIERS)
    if unknown:
        raise Refusal(f"There is no tier {min(unknown)!r}: choose from {', '.join(TIERS)}.")
    tiers = tiers or USUAL_TIERS
    folders = folders_of(tiers, REPO / "tests")
    if not folders:
        raise Refusal(f"The tier {', '.join(tiers)} has no tests here yet.")
    settings = load()
    root = prepare(
        settings, prompts=bool({"switch", "softphone", "faults", "browser"} & set(tiers))
    )
    if "browser" in tiers:
        ensure_browser(settings)
    paths = [str(folder.relative_to(REPO)) for folder in folders]
    return pytest([*paths, *arguments], workers=workers, settings=settings, root=root)


def pytest(arguments: Sequence[str], *, workers: int, settings: Settings, root: Path) -> int:
    """Run pytest in a private world, its workers each in one of their own; its exit code."""
    with _run_folder() as run:
        command = [sys.executable, "-m", "pytest", *shared_out(run, workers), *arguments]
        return _in_private_world(command, run=run, settings=settings, root=root, more=_AS_A_TEST)


def folders_of(tiers: Sequence[str], tests: Path) -> list[Path]:
    """The folders of tests/ that belong to the tiers and hold a test, in the tiers' order."""
    names = sorted(path.name for path in tests.iterdir() if path.is_dir())
    chosen = []
    for tier in tiers:
        mine = [name for name in names if name not in OWN_TIER] if tier == "core" else [tier]
        chosen += [tests / name for name in mine]
    return [folder for folder in chosen if next(folder.rglob("test_*.py"), None)]


def bench(name: str, arguments: Sequence[str]) -> int:
    """Run bench/NAME.py, or the package bench/NAME, in a private world."""
    module = name.replace("-", "_")
    if (
        not (REPO / "bench" / f"{module}.py").exists()
        and not (REPO / "bench" / module / "__main__.py").exists()
    ):
        found = {path.stem for path in (REPO / "bench").glob("[a-z]*.py")}
        found |= {path.parent.name for path in (REPO / "bench").glob("*/__main__.py")}
        known = ", ".join(f"bench-{one.replace('_', '-')}" for one in sorted(found)) or "none yet"
        raise Refusal(f"There is no bench {name!r}: there are {known}.")
    settings = load()
    root = prepare(settings, prompts=True)
    command = [sys.executable, "-m", f"bench.{module}", *arguments]
    return in_private_world(command, settings=settings, root=root)


def load_target(arguments: Sequence[str]) -> int:
    """Run bench/load on the host's network: what it starts ends with it, however it ends.

    Raises Refusal without a target: a switch of its own would be the house's own run folder here.
    """
    if not {"-h", "--help"} & set(arguments) and not any(
        one.startswith("--target") for one in arguments
    ):
        raise Refusal(
            'Which switch? Name it: make load ARGS="--target HOST …". '
            "One of its own is loaded by `make bench-load`."
        )
    settings = load()
    prepare(settings, prompts=False)
    within = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
    command = [*within, sys.executable, "-m", "bench.load", *arguments]
    with _run_folder() as run:
        # SIPp's files hold the telephones' passwords; they go with the folder.
        return _ended([*namespaces.bond(), *command], env={**os.environ, "TMPDIR": str(run)})


def drill(name: str, arguments: Sequence[str]) -> int:
    """Play a drill of acd/drill in a private world."""
    settings = load()
    root = prepare(settings, prompts=True)
    command = [sys.executable, "-m", "servers.drill", name, *arguments]
    return in_private_world(command, settings=settings, root=root)


def prepare(settings: Settings, *, prompts: bool) -> Path:
    """Everything that needs the network or takes long, before the private world is entered."""
    refusal = namespaces.refusal()
    if refusal:
        raise Refusal(refusal)
    root = ensure_root(settings)
    if prompts:
        build_prompts(root)
    return root


def in_private_world(command: Sequence[str], *, settings: Settings, root: Path) -> int:
    """Run a command in network, mount, pid and ipc namespaces of its own; its exit code."""
    with _run_folder() as run:
        return _in_private_world(command, run=run, settings=settings, root=root)


def _in_private_world(
    command: Sequence[str],
    *,
    run: Path,
    settings: Settings,
    root: Path,
    more: Mapping[str, str] | None = None,
) -> int:
    env = {
        name: value
        for name, value in os.environ.items()
        if name != _LEFT_OUTSIDE and (not name.startswith("HULING_") or name in _KEPT_SETTINGS)
    }
    env |= {
        "HULING_RUN_DIR": str(run),
        "HULING_CACHE_DIR": str(settings.cache_dir),
        "PATH": f"{write_tools(run, root)}:{os.environ.get('PATH', os.defpath)}",
        **(more or {}),
    }
    return _ended([*namespaces.bond(), *world(), *command], env=env)


def _ended(command: Sequence[str], *, env: Mapping[str, str]) -> int:
    """Run a command to its end; its exit code.  Whoever ends us ends it at once."""
    process = subprocess.Popen(command, cwd=REPO, env=env)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command got it too, and ends in its own way
        except SystemExit:
            process.kill()
            process.wait()
            raise


@contextmanager
def _run_folder() -> Iterator[Path]:
    """A run folder for one test run: short of name (Unix sockets), gone afterwards."""

    def ended(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, ended)
    folder = Path(tempfile.mkdtemp(prefix="huling-"))
    folder.chmod(0o755)  # PostgreSQL's user passes through
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        signal.signal(signal.SIGTERM, before)
