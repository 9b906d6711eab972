"""A real softphone (PJSIP) at an agent's desk: registers, dials the codes, rings, talks, rejects,
and dies; the callers are SIPp terminals with tones of their own."""

import pytest

from tests.softphone.desks import Desks, until

TALK_S = 1.5
"""Of each side's tone that the other must have heard. More than the queue's ``short_answer_ms``:
who hangs up before has not served the caller (C07)."""
RECORD_MS = 2_500
"""The record's clock starts when the service has the event, a phone's when the packet is there: a
second apart on a busy machine."""

ENQUIRY, EMERGENCY = "95002", "95001"
FIRST, SECOND = "8005", "8004"
"""Emergency agents with the highest and the next level: who is rung first, and who then."""


async def test_wrong_password_is_refused(desks: Desks) -> None:
    """X11: whoever does not know the password is no agent's phone, and nobody calls it."""
    phone = await desks.phone()
    assert await phone.register("a8011", "not-the-password") == 401
    assert not phone.registered
    assert not (await desks.switch.agent_state("8011"))["available"]


async def test_a_call_from_registration_to_the_next_readiness(desks: Desks) -> None:
    """T37, T09, Q08: an agent logs in by *60 and hears so, is rung by a terminal whose number the
    phone shows, both hear each other and nobody else, and after the phone has hung up there is
    wrap-up for its time, then readiness, and a record that says what happened."""
    switch = desks.switch
    desk = await desks.sit("8011")
    await desk.dials("*60", "agent-logged-in-ready")
    await desk.wait("ready")
    async with desks.caller("02160000011", ENQUIRY) as caller:
        ring = await desk.phone.rung()
        assert ring.caller == "02160000011"
        await desk.wait("offered")
        await ring.answer()
        await caller.hears(desk.phone.tone_hz, TALK_S)
        await desk.wait("talking")
        await ring.hang_up()
        await desk.wait("wrap_up")
        await caller.over()  # after ten seconds of busy tone (T25)
        assert caller.call.ended_by == "far"
        assert not caller.foreign_hz(desk.phone.tone_hz)
        heard = await ring.recording()
        assert heard.seconds_of(caller.call.tone_hz) >= TALK_S / 2
        assert not heard.foreign_hz(caller.call.tone_hz)

    row = await switch.record()
    expected = {
        "outcome": "answered", "caller": "02160000011", "called": ENQUIRY, "entry": ENQUIRY,
        "kind": "enquiry", "queue": "enquiry", "terminal": "02160000011", "elders": ["e0011"],
        "trunk": "carrier-a", "agent": "8011", "seat": "s8011", "offers": 1, "synthetic": False,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert caller.call.invite_ms is not None
    answered_ms = caller.first_heard_ms(desk.phone.tone_hz)
    assert abs(row["arrived_at"].timestamp() * 1000 - caller.call.invite_ms) < RECORD_MS
    assert abs(row["wait_ms"] - (answered_ms - caller.call.invite_ms)) < RECORD_MS
    assert abs(row["ring_ms"] - (ring.at_ms["CONFIRMED"] - ring.at_ms["EARLY"])) < RECORD_MS
    assert abs(row["talk_ms"] - ring.talk_ms) < RECORD_MS
    assert row["hold_ms"] == 0

    await desk.wait("ready")

    async def wrapped_up() -> int:
        (now,) = await switch.rows()
        return int(now["wrap_up_ms"])

    wrapped_up_ms = await until(wrapped_up, "the wrap-up in the record")
    assert abs(wrapped_up_ms - 10_000) < RECORD_MS


async def test_a_phone_that_picks_up_by_itself(desks: Desks) -> None:
    """T09: the seat becomes ``auto_answer`` without a restart; PJSIP sees the headers and picks
    up, a key of its person joins the caller, and both hear each other.  (Its tone does not: a phone
    that is loud from its first packet on has no first word.)"""
    switch = desks.switch
    desk = await desks.sit("8011")

    async def is_known(mode: str) -> bool:
        return bool((await switch.agent_state("8011"))["mode"] == mode)

    await switch.sql("UPDATE seats SET mode = 'auto_answer' WHERE id = 's8011'")
    try:
        await desk.log_in()

        await until(lambda: is_known("auto_answer"), "the seat's new mode")
        async with desks.caller("02160000012", ENQUIRY) as caller:
            ring = await desk.phone.rung()
            await ring.talks()
            await desk.wait("offered")
            ring.press("1")
            await desk.wait("talking")
            await caller.hears(desk.phone.tone_hz, TALK_S)
            await ring.hang_up()
            await caller.over()
            heard = await ring.recording()
            assert heard.seconds_of(caller.call.tone_hz) >= TALK_S / 2
        row = await switch.record()
        assert (row["outcome"], row["agent"], row["offers"]) == ("answered", "8011", 1)
    finally:
        await switch.sql("UPDATE seats SET mode = 'ring' WHERE id = 's8011'")
        await until(lambda: is_known("ring"), "the seat's old mode")


async def test_the_codes(desks: Desks) -> None:
    """T37, D08: *62 with a reason dialled behind it or pressed when asked, *61, *63 and *69; each
    is confirmed in words and is what the API then shows."""
    desk = await desks.sit("8012")
    await desk.dials("*61", "agent-refused-in-this-state")
    await desk.dials("*60", "agent-logged-in-ready")
    await desk.wait("ready")

    asked = await desk.phone.dial("*62")
    await asked.talks()
    asked.press("2")
    await desk.wait("paused", "meal")
    await desk.hears(asked, "agent-paused", "pause-reason-meal")

    await desk.dials("*61", "agent-ready")
    await desk.wait("ready")
    await desk.dials("*621", "agent-paused", "pause-reason-rest")
    await desk.wait("paused", "rest")
    await desk.dials("*61", "agent-ready")

    async with desks.caller("02160000012", ENQUIRY) as caller:
        ring = await (await desk.phone.rung()).answer()
        await caller.hears(desk.phone.tone_hz, TALK_S)
        await caller.hang_up()
        await ring.over()
    await desk.wait("wrap_up")
    await desk.dials("*63", "agent-wrap-up-ended")
    await desk.wait("ready")

    async def cut_short() -> bool:
        (row,) = await desk.switch.rows()
        return 0 < int(row["wrap_up_ms"]) < 9_500

    await until(cut_short, "a short wrap-up in the record")
    await desk.dials("*69", "agent-logged-out")
    await desk.wait("logged_out")


@pytest.mark.parametrize("code", [486, 603])
async def test_who_rejects_passes_the_call_on(desks: Desks, code: int) -> None:
    """C01: a phone that refuses, "busy" or "decline", costs the caller nothing: the next is rung
    at once, and it is the refusing agent who rests."""
    first = await (await desks.sit(FIRST)).log_in()
    second = await (await desks.sit(SECOND)).log_in()
    async with desks.caller("02160000013", EMERGENCY) as caller:
        ring = await first.phone.rung()
        await ring.reject(code)
        rejected_ms = ring.at_ms["DISCONNECTED"]
        again = await (await second.phone.rung()).answer()
        assert again.at_ms["EARLY"] - rejected_ms < 5_000
        await first.wait("not_responding", "refused")  # for 3 s: it may be over
        await caller.hears(second.phone.tone_hz, TALK_S)
        await caller.hang_up()
        await again.over()
    detail = await desks.switch.call_detail()
    assert (detail["agent"], detail["outcome"]) == (SECOND, "answered")
    assert [offer["result"] for offer in detail["offer_list"]] == ["rejected", "accepted"]
    await first.wait("ready")


async def test_a_phone_killed_while_ringing(desks: Desks) -> None:
    """E25: the phone is gone without a word: the caller is served by the next agent, and nobody
    believes the dead one ready any longer than it takes to ask the phone."""
    first = await (await desks.sit(FIRST)).log_in()
    second = await (await desks.sit(SECOND)).log_in()
    async with desks.caller("02160000014", EMERGENCY) as caller:
        await first.phone.rung()
        await first.wait("offered")
        first.phone.kill()
        call = await (await second.phone.rung()).answer()
        await caller.hears(second.phone.tone_hz, TALK_S)
        await caller.hang_up()
        await call.over()
    row = await desks.switch.record()
    assert (row["agent"], row["outcome"], row["offers"]) == (SECOND, "answered", 2)
    await first.wait("not_responding")


async def test_a_phone_killed_while_idle(desks: Desks) -> None:
    """E25: a phone that died unnoticed is rung in vain, and the caller is served all the same."""
    first = await (await desks.sit(FIRST)).log_in()
    second = await (await desks.sit(SECOND)).log_in()
    first.phone.kill()
    async with desks.caller("02160000015", EMERGENCY) as caller:
        call = await (await second.phone.rung()).answer()
        await caller.hears(second.phone.tone_hz, TALK_S)
        await first.wait("not_responding", "unreachable")
        await caller.hang_up()
        await call.over()
    row = await desks.switch.record()
    assert (row["agent"], row["outcome"]) == (SECOND, "answered")


async def test_an_extension_that_looks_like_an_agent(desks: Desks) -> None:
    """E25: a nursing home's extension 8003 is a caller like any other, though there is an agent of
    that number."""
    desk = await (await desks.sit(FIRST)).log_in()
    async with desks.caller("8003", EMERGENCY) as caller:
        ring = await desk.phone.rung()
        assert ring.caller == "8003"
        await ring.answer()
        await caller.hears(desk.phone.tone_hz, TALK_S)
        await caller.hang_up()
        await ring.over()
        heard = await ring.recording()
        assert heard.seconds_of(caller.call.tone_hz) >= TALK_S / 2
    row = await desks.switch.record()
    assert (row["caller"], row["agent"], row["outcome"]) == ("8003", FIRST, "answered")
