"""bench/README.md tells of every bench, and `make` of everything that it can do."""

import re
import subprocess
from pathlib import Path

REPO = Path(__file__).parents[2]
PAGE = (REPO / "bench" / "README.md").read_text(encoding="utf-8")


def benches() -> set[str]:
    """What `make bench-NAME` can start: modules and packages that can be run."""
    packages = {found.parent.name for found in (REPO / "bench").glob("*/__main__.py")}
    modules = {found.stem for found in (REPO / "bench").glob("*.py") if is_run(found)}
    return packages | modules


def is_run(module: Path) -> bool:
    return '__name__ == "__main__"' in module.read_text(encoding="utf-8")


def test_every_bench_has_a_command_there_and_a_line_in_its_table() -> None:
    """`records` and `promises` stood in docs/benchmarks.md and nowhere else."""
    commands = set(re.findall(r"^    make (?:bench-)?(\w+)", PAGE, re.MULTILINE))
    table = PAGE.partition("| bench |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"[\[`](\w+)[\]`]", table))
    assert len(benches()) > 15
    assert benches() - commands == set()
    assert benches() - {"compare"} - listed == set()


def test_make_tells_of_every_rule() -> None:
    """It left out `bench-NAME` and `drill-NAME`, as their names have no end."""
    rules = re.findall(r"^([a-z-]+%?):.* ## ", (REPO / "Makefile").read_text("utf-8"), re.MULTILINE)
    said = subprocess.run(
        ["make", "-s", "help"], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert "drill-%" in rules
    assert {f"make {rule.replace('%', 'NAME')} " for rule in rules} <= set(
        re.findall(r"make [\w-]+ ", said.stdout)
    )
