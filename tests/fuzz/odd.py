"""What nobody would send on purpose."""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

fuzzed = settings(
    # The same each time, so that a failure is this change's; HULING_EXPLORE=1 looks for new ones.
    derandomize=os.environ.get("HULING_EXPLORE") != "1",
    max_examples=2_000 if os.environ.get("HULING_EXPLORE") == "1" else 100,
    # One folder for all examples of a test: each writes its file anew.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD_TEXT: st.SearchStrategy[str] = st.text() | st.sampled_from(
    [
        "",
        "\x00",
        "\r\n",
        "0" * 5_000,
        "-1",
        "9" * 400,
        "1e999",
        "NaN",
        "sip:%00@h",
        "护铃",
        "\u202e",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59.999999+23:59",
        "../../etc/passwd",
        "'; DROP TABLE fact; --",
        "{",
        "*60",
    ]
)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ODD_TEXT, inner),
    max_leaves=12,
)

NESTED = [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000]
"""Deeper than any reader's stack."""


def in_pieces(wire: bytes, data: st.DataObject) -> list[bytes]:
    """Cut a stream where a network might."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=5)))
    return [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
