"""docs/licences.md names every package that Huling asks for itself."""

import re
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def test_every_package_of_ours_has_its_licence_stated() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = [line for group in groups for line in group]
    needed = {re.split(r"[\[<>=!~;@ ]", line, maxsplit=1)[0].lower() for line in asked}
    page = (REPO / "docs" / "licences.md").read_text(encoding="utf-8")
    stated = {name.lower() for name in re.findall(r"^\| ([\w-]+) \|", page, re.MULTILINE)}

    assert needed - stated == set()


def test_every_program_of_the_private_root_has_its_licence_stated() -> None:
    lines = (REPO / "servers" / "packages.txt").read_text(encoding="utf-8").splitlines()
    packages = {line.split("#")[0].strip() for line in lines} - {""}
    page = (REPO / "docs" / "licences.md").read_text(encoding="utf-8").lower()
    # Debian's name of SIPp.
    names = {"sipp" if package == "sip-tester" else package for package in packages}

    assert {name for name in names if name not in page} == set()


def test_the_licence_is_the_apache_licence_2() -> None:
    text = (REPO / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
