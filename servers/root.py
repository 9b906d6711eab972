"""The private Debian root: every server and tool that is not Python, made once, shared by all runs.

mmdebstrap builds it from servers/packages.txt into the cache folder under a name that carries the
hash of what decides its contents. It is built aside and renamed, under a lock, so that two builders
never meet and a half-built root is never used. The host gets only mmdebstrap itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import namespaces
from servers.settings import Settings
from servers.steps import Refusal, Step

PACKAGES = Path(__file__).with_name("packages.txt")

# forky (Debian 14) carries Asterisk 22 LTS; should a mirror not have it, sid does.
SUITES = ("forky", "sid")

OPTIONS = (
    "--variant=minbase",
    # A mirror that is a snapshot, or a machine whose clock is off, has an "expired" Release file.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--aptopt=Acquire::Retries 3",
    # Nobody reads manuals in there: a third less to unpack.
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*/LC_MESSAGES/*",
)

# 22.4 has REST over the websocket; 22.9.0 deadlocks under ARI load (asterisk#1962, #1946).
ASTERISK_MIN = (22, 4, 0)
ASTERISK_REFUSED = frozenset({(22, 9, 0)})


def package_names(text: str) -> list[str]:
    """The package names of a list: one a line, `#` begins a comment."""
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return sorted({line for line in lines if line})


def root_name(packages: list[str]) -> str:
    """The cache folder's name for this content: list, options, suites, machine."""
    parts = [*packages, *OPTIONS, *SUITES, platform.machine()]
    return f"root-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:16]}"


def ensure_root(settings: Settings) -> Path:
    """Return the private root, building it first when it is not there (about 40 s, once).

    Raises Refusal when it cannot be built, naming the one command that would help.
    """
    return ensure(
        settings,
        package_names(PACKAGES.read_text(encoding="utf-8")),
        title="Private Debian root, about 40 s the first time",
        check=lambda part: refuse_old_asterisk(
            _output_of([str(_asterisk_in(part)), "-V"], root=part), where="The Debian mirror"
        ),
    )


def ensure(
    settings: Settings,
    packages: list[str],
    *,
    title: str,
    check: Callable[[Path], None] = lambda part: None,
) -> Path:
    """Return a root with these packages, building it first when it is not there.

    ``check`` looks at what has been built and raises Refusal when it will not do.  Raises Refusal.
    """
    final = settings.cache_dir / root_name(packages)
    if final.is_dir():
        return final
    settings.cache_dir.mkdir(parents=True, exist_ok=True)
    with Step(title) as step, _locked(final, step):
        if final.is_dir():  # another builder was faster
            step.result("made by another run")
            return final
        for stale in settings.cache_dir.glob(f"{final.name}.part*"):
            shutil.rmtree(stale)
        _need_mmdebstrap(step)
        part = final.with_name(f"{final.name}.part{os.getpid()}")
        log = final.with_name(f"{final.name}.log")
        try:
            _build_any(packages, part, log, step)
            check(part)
            part.rename(final)
        except OSError as problem:
            raise Refusal(
                f"The private Debian root could not be built in {settings.cache_dir} ("
                f"{problem.strerror}): make room there, or name another folder by HULING_CACHE_DIR."
            ) from problem
        finally:
            # A gigabyte of a root that nobody can use: a full disk would stay full.
            shutil.rmtree(part, ignore_errors=True)
        step.result(f"ready in {final}")
    return final


def _asterisk_in(root: Path) -> Path:
    """The binary's path as seen inside the root (the argument says which root is meant)."""
    del root
    return Path("/usr/sbin/asterisk")


def _output_of(argv: list[str], *, root: Path | None) -> str:
    done = subprocess.run(
        namespaces.tool_argv(argv, root=root),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def parse_version(text: str) -> tuple[int, int, int] | None:
    """The (major, minor, patch) in `Asterisk 22.10.1~dfsg…`, or None when there is none."""
    match = re.search(r"\b(\d+)\.(\d+)(?:\.(\d+))?", text)
    if match is None:
        return None
    return int(match[1]), int(match[2]), int(match[3] or 0)


def refuse_old_asterisk(version_text: str, *, where: str) -> None:
    """Raise Refusal unless the version is one that Huling can run on."""
    version = parse_version(version_text)
    if version is None:
        raise Refusal(f"{where} gives an Asterisk without a version ({version_text!r}).")
    shown = ".".join(str(part) for part in version)
    if version in ASTERISK_REFUSED:
        raise Refusal(
            f"{where} gives Asterisk {shown}, which deadlocks under ARI load (asterisk#1962): "
            "use another version of Asterisk 22, for example by HULING_ASTERISK=/path/to/asterisk."
        )
    if version < ASTERISK_MIN:
        raise Refusal(
            f"{where} gives Asterisk {shown}, but Huling needs 22.4 or newer: "
            "name one by HULING_ASTERISK=/path/to/asterisk, or unset it for the private one."
        )


def system_asterisk(path: Path) -> None:
    """Check an Asterisk that HULING_ASTERISK names. Raises Refusal when it cannot be used."""
    if not os.access(path, os.X_OK):
        raise Refusal(f"HULING_ASTERISK names {path}, which is not a program.")
    refuse_old_asterisk(_output_of([str(path), "-V"], root=None), where=f"HULING_ASTERISK={path}")


@contextmanager
def _locked(final: Path, step: Step) -> Iterator[None]:
    with final.with_name(f"{final.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step.note("another run is building it, waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_any(packages: list[str], part: Path, log: Path, step: Step) -> None:
    """Build from the first suite that has everything.  Raises Refusal when none has."""
    log.write_text("", encoding="utf-8")
    if any(_build(suite, packages, part, log, step) for suite in SUITES):
        return
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    raise Refusal(
        f"{tail}\nThe private Debian root could not be built (the end of {log} is above): when the "
        "package mirror is reachable, and the disk has room, run the same command again."
    )


def _build(suite: str, packages: list[str], part: Path, log: Path, step: Step) -> bool:
    """Run mmdebstrap in namespaces of its own, so that a kill leaves none of its processes."""
    if part.exists():
        shutil.rmtree(part)  # what the suite before has left
    step.note(f"Debian {suite}")
    command = ["mmdebstrap", *OPTIONS, f"--include={','.join(packages)}", suite, str(part)]
    with log.open("a", encoding="utf-8") as copy, namespaces.piped(command) as process:
        assert process.stdout is not None
        for line in process.stdout:
            copy.write(line)
            copy.flush()
            stage = re.match(r"I: (downloading|extracting|installing|cleaning)(.*?)\.\.\.", line)
            if stage:
                step.note((stage[1] + stage[2]).removesuffix(" inside the chroot"))
    return process.returncode == 0


def _need_mmdebstrap(step: Step) -> None:
    """Install mmdebstrap with apt-get when it is missing; it is the host's only new package."""
    missing = [] if shutil.which("mmdebstrap") else ["mmdebstrap"]
    if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
        missing.append("debian-archive-keyring")  # a Debian derivative, checking Debian's names
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None:
        raise Refusal(
            "mmdebstrap is missing and this is no Debian or Ubuntu: install the package "
            "`mmdebstrap` of your distribution, or use docker/compose.yml."
        )
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "update"]
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=120", *command.split()[1:]]
    quiet = {"env": env, "stdin": subprocess.DEVNULL, "capture_output": True, "check": False}
    step.note(f"apt-get: {' '.join(missing)}")
    # Lists may be absent (a fresh container) or name versions that are gone: try, update, try.
    if subprocess.run(install, **quiet).returncode != 0:  # type: ignore[call-overload]
        subprocess.run(update, **quiet)  # type: ignore[call-overload]
        if subprocess.run(install, **quiet).returncode != 0:  # type: ignore[call-overload]
            raise Refusal(f"mmdebstrap could not be installed: run `apt-get update && {command}`.")
