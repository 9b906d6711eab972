"""The migrations are one chain, whoever has added one beside somebody else."""

import re
from itertools import pairwise
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
_LINES = re.compile(r'^revision = "(\d{4})"\ndown_revision = (?:"(\d{4})"|None)$', re.MULTILINE)


def test_each_number_is_there_once_and_follows_the_one_before() -> None:
    files = sorted(VERSIONS.glob("r*.py"))
    found = []
    for file in files:
        said = _LINES.search(file.read_text(encoding="utf-8"))
        assert said is not None, f"{file.name} names no revision"
        assert file.name.startswith(f"r{said[1]}_"), f"{file.name} has revision {said[1]}"
        found.append((file.name, said[1], said[2]))
    for (name, revision, _), (next_name, next_revision, before) in pairwise(found):
        assert revision != next_revision, f"{name} and {next_name} have one number: renumber one"
        assert before == revision, f"{next_name} does not follow {name}"
