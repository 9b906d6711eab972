"""Numbers, names and secrets leave no trace in the logs, whoever logs them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from acd.runtime.logs import Mask, configure_logs, logger, mask_number

SECRET = "correct-horse-battery"


class Log:
    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.stop = configure_logs(
            style="json", level="info", secrets=[SECRET, ""], stream=self.stream
        )

    def lines(self) -> list[dict[str, Any]]:
        self.stop()
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log = Log()
    yield log
    log.stop()
    root.handlers[:], root.level = before


def test_a_line_is_a_fixed_sentence_with_fields(log: Log) -> None:
    logger("test").info("A call was answered.", call_id="1-7", agent="8001", wait_ms=4200)
    [line] = log.lines()
    assert line["event"] == "A call was answered."
    assert (line["call_id"], line["agent"], line["wait_ms"]) == ("1-7", "8001", 4200)
    assert line["level"] == "info"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("caller", "02160000001", "*********01"),
        ("number", "8003", "**03"),
        ("why", "busy: 13912345678 called", "busy: *********78 called"),
        ("why", "+8613912345678", "************78"),
        ("name", "王秀英", "***"),
        ("ari_password", "x", "***"),
        ("url", "postgresql://huling:pw@127.0.0.1/h", "postgresql://huling:***@127.0.0.1/h"),
        ("url", "/ari/events?api_key=acd:pw&app=acd", "/ari/events?api_key=acd:***&app=acd"),
        ("why", f"failed with {SECRET}", "failed with ***"),
        ("numbers", {"caller": "02160000001"}, {"caller": "*********01"}),
        ("legs", ["02160000001"], ["*********01"]),
    ],
)
def test_masked(field: str, value: object, shown: object) -> None:
    assert Mask([SECRET])(None, "info", {field: value}) == {field: shown}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("leg", "n1:1700000000.12"),
        ("leg", "n1:hl-17-42"),
        ("entry", "95001"),
        ("at_ms", 1700000000000),
        ("agent", "8001"),
        ("seat", None),
        ("up", True),
    ],
)
def test_not_masked(field: str, value: object) -> None:
    assert Mask([])(None, "info", {field: value}) == {field: value}


def test_tracebacks_and_foreign_loggers_are_masked_too(log: Log) -> None:
    try:
        raise RuntimeError(f"no route to 02160000001 with {SECRET}")
    except RuntimeError:
        logger("test").exception("A command failed.")
        logging.getLogger("asyncio").error("lost %s", "02160000001")
    text = json.dumps(log.lines())
    assert "*********01" in text
    assert "02160000001" not in text
    assert SECRET not in text


def test_a_pool_without_its_database_says_so_in_one_line(log: Log) -> None:
    """While PostgreSQL was away each try of the pool's filled the log with a traceback."""
    try:
        raise ConnectionRefusedError("Connect call failed")
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("Failed to restore", exc_info=True)
    [line] = log.lines()
    assert line["event"] == "Failed to restore"
    assert "exception" not in line


def test_short_numbers_do_not_show_either() -> None:
    assert mask_number("110") == "*10"
    assert mask_number("7") == "**"


def test_below_the_level_nothing_is_written(log: Log) -> None:
    logger("test").debug("Not now.")
    assert log.lines() == []
