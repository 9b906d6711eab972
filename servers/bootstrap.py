"""Makes `.venv` and installs the pinned Python packages into it. Run by the Makefile.

Standard library only, with Python 3.11 or 3.12: nothing is installed yet. A stamp with the hash of
the dependencies, constraints.txt and the Python version makes the second run instant.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent
VENV = REPO / ".venv"

sys.path.insert(0, str(REPO))
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
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        step.note("resolving")
        command = [
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
    stamp = VENV / "huling.stamp"
    hash_now = wanted()
    if stamp.exists() and stamp.read_text() == hash_now:
        return 0
    try:
        install()
    except Refusal as refusal:
        print(refusal)
        return 2
    stamp.write_text(hash_now)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
