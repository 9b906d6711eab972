"""A real softphone (PJSIP) consults by code, holds and transfers by its own keys; what each side
hears is read from its own recording."""

from tests.softphone.desks import Desks
from tests.switch.live import Switch

ENQUIRY = "95002"
TALK_S = 1.0


async def test_a_consultation_by_code_and_the_caller_handed_over(desks: Desks) -> None:
    """*12, *13, T38: the colleague's voice reaches the caller, and the first phone is let go."""
    first, second = await desks.sit("8011"), await desks.sit("8012")
    await first.log_in()
    async with desks.caller("02160000011", ENQUIRY) as caller:
        ring = await first.phone.rung()
        await ring.answer()
        await caller.hears(first.phone.tone_hz, TALK_S)
        await second.log_in()
        ring.press("*128012#")
        asked = await second.phone.rung()
        await asked.answer()
        await second.wait("talking")
        await desks.switch.media(2 * TALK_S)
        ring.press("*13")
        await ring.over()
        await caller.hears(second.phone.tone_hz, TALK_S)
        await caller.hang_up()
    await second.wait("wrap_up")
    heard = await ring.recording()
    assert heard.seconds_of(second.phone.tone_hz) > 0.2, "the two agents did not hear each other"
    row = await desks.switch.record()
    assert (row["agent"], row["outcome"]) == ("8011", "answered")
    assert row["hold_ms"] > 0


async def test_a_phone_holds_and_refers_by_its_own_keys(desks: Desks) -> None:
    """T38: PJSIP's re-INVITE and REFER are a hold and a blind transfer of ours."""
    first, second = await desks.sit("8011"), await desks.sit("8012")
    await first.log_in()
    async with desks.caller("02160000011", ENQUIRY) as caller:
        ring = await first.phone.rung()
        await ring.answer()
        await caller.hears(first.phone.tone_hz, TALK_S)
        await second.log_in()
        ring.hold()
        await desks.switch.until(lambda: holding(desks.switch), "the caller to be held")
        ring.unhold()
        await desks.switch.until(lambda: together(desks.switch), "both to be together again")
        ring.refer("8012")
        taken = await second.phone.rung()
        await taken.answer()
        await ring.over()
        await caller.hears(second.phone.tone_hz, TALK_S)
        await caller.hang_up()
    await second.wait("wrap_up")
    row = await desks.switch.record()
    assert (row["agent"], row["offers"], row["outcome"]) == ("8011", 2, "answered")


async def test_a_phone_asks_on_its_other_line_and_joins_both(desks: Desks) -> None:
    """T38: PJSIP's own attended transfer: hold, a second call to the colleague, REFER with
    Replaces; the caller hears the colleague, and both lines of the first phone end."""
    first, second = await desks.sit("8011"), await desks.sit("8012")
    await first.log_in()
    async with desks.caller("02160000011", ENQUIRY) as caller:
        ring = await first.phone.rung()
        await ring.answer()
        await caller.hears(first.phone.tone_hz, TALK_S)
        await second.log_in()
        ring.hold()
        await desks.switch.until(lambda: holding(desks.switch), "the caller to be held")
        line = await first.phone.dial("8012")
        asked = await second.phone.rung()
        await asked.answer()
        await line.talks()
        await second.wait("talking")
        await desks.switch.media(2 * TALK_S)
        ring.join(line)
        await ring.over()
        await line.over()
        await caller.hears(second.phone.tone_hz, TALK_S)
        await caller.hang_up()
    await second.wait("wrap_up")
    heard = await asked.recording()
    assert heard.seconds_of(first.phone.tone_hz) > TALK_S / 2, "the agents did not hear each other"
    row = await desks.switch.record()
    assert (row["agent"], row["offers"], row["outcome"]) == ("8011", 2, "answered")
    assert row["hold_ms"] > 0


async def holding(switch: Switch) -> bool:
    """Whether somebody is in a waiting room."""
    rooms = await switch.ari("/bridges")
    return any(room["bridge_type"] == "holding" and room["channels"] for room in rooms)


async def together(switch: Switch) -> bool:
    """Whether two are in one room."""
    rooms = await switch.ari("/bridges")
    return any(room["bridge_type"] == "mixing" and len(room["channels"]) == 2 for room in rooms)
