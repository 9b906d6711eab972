"""Both HTTP APIs as they describe themselves: whatever is sent to any of their operations, the
answer is one that the description has, in the shape that it has there; never a 500, no defect, and
nothing left."""

import asyncio
import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from servers.service import Desk, Service
from tests.switch.live import Switch

REQUESTS = int(os.environ.get("REQUESTS", "30"))
"""For each operation, the same each time: some twenty seconds in all.  REQUESTS=1000 looks further
(`make test-switch ARGS="-k openapi"`)."""

KNOWN: dict[str, tuple[str, ...]] = {
    "agent": ("8001", "8090", "d1"),
    "call": ("1-1",),
    "obligation": ("1-o1",),
    "case": ("1-e1",),
}
"""Of what exists, or may: else nearly every request would name nobody."""


async def test_the_control_api_answers_as_it_is_described(switch: Switch) -> None:
    await asyncio.to_thread(_try_all, switch.settings.http_address, operations_min=50)


async def test_the_desk_answers_as_it_is_described(switch: Switch, running: Service) -> None:
    desk = Desk(running)
    await asyncio.to_thread(desk.start)
    try:
        await asyncio.to_thread(_try_all, desk.settings.desk_address, operations_min=10)
    finally:
        code = await asyncio.to_thread(desk.stop)
    assert code == 0
    # Of calls that other tests let go before anything was said.
    assert [one for one in desk.complaints() if "has no recording" not in one] == []


def _try_all(address: str, *, operations_min: int) -> None:
    """Raises the first failure, with the request that shows it as a command."""
    # Here and not above: it takes seconds to load, and every worker loads this file to collect it.
    import schemathesis
    from schemathesis.core.result import Ok

    headers = {"X-Huling-User": "8090"}
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", headers=headers)
    found = list(schema.get_all_operations())
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(found) == len(operations) >= operations_min
    for operation in operations:
        _try(operation, headers)


def _try(operation: Any, headers: dict[str, str]) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    described = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]

    @settings(
        max_examples=REQUESTS,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def odd(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(GenerationMode))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        for name, values in KNOWN.items():
            if name in case.path_parameters and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
        case.call_and_validate(checks=described, headers=headers, timeout=60)

    odd()
