"""Makes `.venv` and installs the pinned Python packages into it. Run by the Makefile.

Standard library only, with Python 3.11 or 3.12: nothing is installed yet. A stamp with the hash of
the dependencies, constraints.txt and the Python version makes the second run instant.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent
VENV = REPO / ".venv"

sys.path.insert(0, str(REPO))
from servers.namespaces import bond  # noqa: E402
from servers.namespaces import refusal as refusal_of_machine  # noqa: E402
from servers.steps import Refusal, Step  # noqa: E402


def wanted() -> str:
    """The hash of everything that decides what the environment holds."""
    import tomllib  # not before main() has looked at Python's version

    settings = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    # Not its other parts: a new rule for a linter installs nothing.
    asked = [settings["project"], settings["build-system"], settings["tool"]["setuptools"]]
    digest = hashlib.sha256(repr(asked).encode())
    digest.update((REPO / "constraints.txt").read_bytes())
    digest.update(sys.version.encode())
    digest.update(str(REPO).encode())  # the editable install names the checkout
    return digest.hexdigest()


def need_venv_module() -> None:
    """Debian splits ensurepip out of Python: install it, or name the command that does."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    command = f"apt-get install -y {package}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with Step(f"Python's venv module: {command}"):
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "update"], env=env, check=False, **quiet)  # type: ignore[call-overload]
            done = subprocess.run(command.split(), env=env, check=False, **quiet)  # type: ignore[call-overload]
        if done.returncode == 0:
            return
    raise Refusal(f"Python's venv module is missing: install it with `{command}`.")


def install() -> None:
    """Build the environment anew from the pinned list, with one line of progress."""
    need_venv_module()
    with Step("Python packages") as step:
        if not (VENV / "bin" / "python").exists() or not (VENV / "bin" / "pip").exists():
            step.note("making .venv")
            made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
            if made.returncode != 0:
                raise Refusal(f"{VENV} could not be made (why is above): is the disk full?")
        step.note("resolving")
        command = [
            *bond(),  # or, were we killed, it would go on beside the next run's
            str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-input",
            "--disable-pip-version-check", "--progress-bar", "off",
            "-c", str(REPO / "constraints.txt"), "-e", f"{REPO}[dev]",
        ]  # fmt: skip
        output: list[str] = []
        collected = installed = 0
        shown = time.monotonic()
        with subprocess.Popen(
            command, cwd=REPO, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as pip:  # fmt: skip
            assert pip.stdout is not None
            for line in pip.stdout:
                output.append(line)
                if re.match(r"\s*Collecting ", line):
                    collected += 1
                    if time.monotonic() - shown > 2:
                        step.note(f"{collected} found")
                        shown = time.monotonic()
                elif line.startswith("Installing collected packages"):
                    installed = line.count(",") + 1
                    step.note(f"installing {installed}")
        if pip.returncode != 0:
            sys.stdout.write("\n" + "".join(output[-25:]))
            raise Refusal(
                "pip could not install the pinned packages (its last lines are above); "
                "when the network is back, run the same command again."
            )
        step.result(f"{installed} installed in .venv")


def main(arguments: list[str]) -> int:
    """Bring `.venv` up to date; exit code 0, or 2 with one sentence.

    `--servers` says that servers are to be started next: whoever may not hears it at once.
    """
    if not (3, 11) <= sys.version_info[:2] <= (3, 12):
        print(
            f"Huling needs Python 3.11 or 3.12 (this is {sys.version.split()[0]}): "
            "name one by `make PYTHON=python3.12 …`; Debian's is `apt-get install -y python3-venv`."
        )
        return 2
    refusal = refusal_of_machine() if "--servers" in arguments else None
    if refusal:
        print(refusal)
        return 2
    try:
        bring_up_to_date()
    except Refusal as problem:
        print(problem)
        return 2
    except OSError as problem:
        print(f"{VENV} could not be made: {problem}.")
        return 2
    return 0


def bring_up_to_date() -> None:
    """Install unless the stamp says that this is what was installed last."""
    stamp = VENV / "huling.stamp"
    hash_now = wanted()

    def is_done() -> bool:
        return stamp.exists() and stamp.read_text() == hash_now

    if is_done():
        return
    with _alone():
        if is_done():  # another run was faster
            return
        # One that is broken off leaves neither the old environment nor the new.
        stamp.unlink(missing_ok=True)
        install()
        stamp.write_text(hash_now)


@contextmanager
def _alone() -> Iterator[None]:
    """Two would install into each other's files; the kernel lets go however this ends."""
    folder = os.open(REPO, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another run is making .venv: waiting for it.", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
