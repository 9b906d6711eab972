"""The service proves itself on the real switch, and nobody else notices (T18, K04)."""

import asyncio

from tests.switch.live import Switch, total

PROVEN_S = 60.0


async def test_the_service_calls_itself_and_stands_in_no_figure(switch: Switch) -> None:
    """Terminal, trunk, queue, robot, both tones, record and recording; then the next one."""
    settings = {"HULING_SYNTHETIC_S": "1"}
    await asyncio.to_thread(switch.service.stop)
    await asyncio.to_thread(switch.service.start, settings)
    try:

        async def proven() -> bool:
            found = await switch.metrics()
            assert found['huling_proofs_total{result="failed"}'] == 0, switch.complaints()
            assert total(found, "huling_agents") == sum(
                value for key, value in found.items() if key == 'huling_agents{state="logged_out"}'
            ), "the robot is nobody at work"
            return found['huling_proofs_total{result="ok"}'] >= 2

        await switch.until(proven, "two proofs that hold", PROVEN_S)
        now = await switch.metrics()
        assert now["huling_proof_failures_in_a_row"] == 0
        assert 0 < now["huling_proof_answer_seconds"] < 10
        assert now["huling_proof_last_ok_timestamp_seconds"] > switch.began.timestamp()
        assert now["huling_synthetic_calls_answered_total"] >= 2
        for name in ("offered", "answered", "abandoned", "ended"):
            assert total(now, f"huling_calls_{name}_total") == 0
        assert total(now, "huling_offers_total") == 0
        assert "huling_calls_waiting" + '{queue="synthetic"}' not in now
    finally:
        await asyncio.to_thread(switch.service.stop)
        await asyncio.to_thread(switch.service.start)
    rows = await switch.rows()
    assert len(rows) >= 2
    assert all(row["synthetic"] for row in rows)
