"""The dashboards are drawn from their table, and a person can read them."""

import json
from pathlib import Path
from typing import Any

import pytest

from docker.grafana.draw_dashboards import BOARDS, FOLDER, GRID_WIDTH, Board, rendered

REPO = Path(__file__).parents[2]


def panels(board: Board) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = json.loads((FOLDER / f"{board.uid}.json").read_text("utf-8"))[
        "panels"
    ]
    return shown


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_file_is_what_the_table_says(board: Board) -> None:
    """``python docker/grafana/draw_dashboards.py`` writes them anew."""
    assert (FOLDER / f"{board.uid}.json").read_text(encoding="utf-8") == rendered(board)


def test_no_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {board.uid for board in BOARDS}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_no_panel_covers_another_and_none_sticks_out(board: Board) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels(board):
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= GRID_WIDTH, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                assert other == panel["title"], f"{panel['title']} lies on {other}"


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_panel_has_a_title_of_its_own_a_unit_and_a_question(board: Board) -> None:
    shown = panels(board)
    titles = [panel["title"] for panel in shown]
    assert len(set(titles)) == len(titles)
    assert len({panel["id"] for panel in shown}) == len(shown)
    for panel in shown:
        assert panel["title"].strip()
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "huling-prometheus"
        assert all(target["expr"] and target["legendFormat"] for target in panel["targets"])


def test_what_is_provisioned_is_what_compose_mounts() -> None:
    compose = (REPO / "docker" / "compose.yml").read_text(encoding="utf-8")
    provider = (REPO / "docker" / "grafana" / "providers" / "huling.yml").read_text("utf-8")
    assert "./grafana/dashboards:/var/lib/grafana-dashboards:ro" in compose
    assert "path: /var/lib/grafana-dashboards" in provider
