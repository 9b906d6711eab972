"""What a person reads while it works: one line per step, with progress and time."""

from __future__ import annotations

import io
import re

import pytest

from servers.steps import Step


def test_a_log_gets_one_line_with_the_progress_and_the_time() -> None:
    out = io.StringIO()
    with Step("Private root", out=out) as step:
        step.note("downloading")
        step.note("downloading")  # said once
        step.note("installing")
        step.result("ready")
    assert re.fullmatch(
        r"· Private root … downloading … installing … ready \(\d+\.\d s\)\n", out.getvalue()
    )


def test_a_failed_step_says_so_and_lets_the_reason_through() -> None:
    out = io.StringIO()
    with pytest.raises(RuntimeError, match="reason"), Step("PostgreSQL", out=out):
        raise RuntimeError("reason")
    assert re.fullmatch(r"· PostgreSQL … failed \(\d+\.\d s\)\n", out.getvalue())


def test_a_terminal_gets_one_line_that_is_rewritten() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    with Step("PostgreSQL", out=out) as step:
        step.note("starting")
        step.result("18 on port 5433")
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().rstrip().endswith("s)")
    assert "\r\x1b[K✓ PostgreSQL: 18 on port 5433" in out.getvalue()
