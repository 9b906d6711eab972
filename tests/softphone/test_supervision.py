"""A supervisor at a real softphone (PJSIP): listens, whispers and barges in by keys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.proof.tone import AGENT_TONES_HZ
from tests.softphone.desks import Desks
from tests.switch.live import Switch

ENQUIRY = "95002"
TALK_S = 1.0


@pytest.fixture
async def desks(switch: Switch, tmp_path: Path) -> AsyncIterator[Desks]:
    """This test's agents."""
    # The first tone is next to the caller's, and is not told from it when both are heard at once.
    async with Desks(switch, tmp_path, AGENT_TONES_HZ[1:]) as made:
        yield made


async def test_a_supervisor_listens_whispers_and_barges_in(desks: Desks) -> None:
    """D11, Q12: the caller never hears who listens or whispers, hears at once who barges in, and
    has the agent all the while; the supervisor hears both, and the agent the supervisor."""
    switch = desks.switch
    agent, supervisor = await desks.sit("8011"), await desks.sit("8090")
    await agent.log_in()
    await supervisor.log_in()
    async with desks.caller("02160000011", ENQUIRY) as caller:
        ring = await agent.phone.rung()
        await ring.answer()
        await caller.hears(agent.phone.tone_hz, TALK_S)
        call = (await switch.agent_state("8011"))["call"]
        answer = await switch.api.post("/supervisors/8090/watch", json={"call": call})
        assert answer.status_code == 200, answer.text
        ear = await supervisor.phone.rung()
        await ear.answer()
        await switch.media(2 * TALK_S)
        ear.press("2")
        await switch.media(2 * TALK_S)
        assert not caller.foreign_hz(agent.phone.tone_hz), "somebody else was heard"
        ear.press("3")
        await caller.hears(supervisor.phone.tone_hz, TALK_S)
        assert (await switch.agent_state("8011"))["state"] == "talking"
        await caller.hang_up()
        await ring.over()
        await ear.over()
    heard = await ear.recording()
    assert heard.seconds_of(caller.call.tone_hz) >= TALK_S
    assert heard.seconds_of(agent.phone.tone_hz) >= TALK_S
    assert (await ring.recording()).seconds_of(supervisor.phone.tone_hz) >= TALK_S
    row = await switch.record()
    assert (row["agent"], row["outcome"]) == ("8011", "answered")
