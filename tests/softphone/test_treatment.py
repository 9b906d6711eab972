"""What a caller at a real softphone (PJSIP) hears until an agent is there, by its recording."""

from zoneinfo import ZoneInfo

from acd.runtime.calendar import Calendar
from servers.asterisk import PROMPTS
from tests.softphone.desks import SPOKEN_MIN, Desks

NUMBER, ENQUIRY = "02160000011", "95002"
TALK_S = 1.0
UNHURRIED_S = 14.0
"""A greeting with a festival's wish, the acknowledgement and the notice take less."""


async def test_a_caller_is_greeted_told_of_the_recording_and_then_served(desks: Desks) -> None:
    """V07, V08, C14: a telephone beyond the trunk hears the time of day's greeting, the
    acknowledgement and the notice while nobody is free, and then the agent and nobody else."""
    calendar = Calendar(ZoneInfo("Asia/Shanghai"))
    telephone = await desks.phone()
    telephone.call_from(NUMBER)
    desk = await desks.sit("8011")
    call = await (await telephone.dial(ENQUIRY)).talks()
    greeting = calendar.greeting(int(call.at_ms["CONFIRMED"]))
    await desks.switch.media(UNHURRIED_S)
    assert (await desks.switch.api.post("/agents/8011/login")).status_code == 200
    ring = await desk.phone.rung()
    assert ring.caller == NUMBER
    await ring.answer()
    await desk.wait("talking")
    await desks.switch.media(2 * TALK_S)
    await call.hang_up()
    await ring.over()
    heard = await call.recording()
    for prompt in (*greeting, "caller-acknowledge", "caller-recording-notice"):
        likeness = heard.likeness(PROMPTS / f"{prompt}.wav")
        assert likeness >= SPOKEN_MIN, f"{likeness:.0%} of {prompt} in {heard.loud_s:.1f} s"
    assert heard.seconds_of(desk.phone.tone_hz) >= TALK_S
    row = await desks.switch.record()
    assert (row["caller"], row["agent"], row["outcome"]) == (NUMBER, "8011", "answered")
    assert row["terminal"] == NUMBER
