"""The verdict on a call, from what both ends saw."""

import pytest

from acd.proof.load import CallReport, judge_calls
from acd.proof.phones import AgentCall
from acd.proof.rtp import Recording
from acd.proof.terminals import TerminalCall
from acd.proof.tone import FRAME_SAMPLES, PCMA, Packet, tone_frames

T0 = 1_769_867_100_000.0
CALLER_HZ, AGENT_HZ, THIRD_HZ = 340, 320, 360


def recording(
    frequency_hz: int | None, *, start_ms: float = T0 + 100, seconds: float = 2.0
) -> Recording:
    made = Recording(started_ms=start_ms)
    if frequency_hz is not None:
        frames = tone_frames(frequency_hz)
        made.packets = [
            Packet(start_ms + 20 * at, 7, at, FRAME_SAMPLES * at, PCMA, frames[at % len(frames)])
            for at in range(round(seconds * 50))
        ]
    return made


def terminal(heard: Recording | None = None) -> TerminalCall:
    return TerminalCall(
        "02160000001", CALLER_HZ, "call-1", invite_ms=T0, trying_ms=T0 + 1, ringing_ms=T0 + 5,
        answered_ms=T0 + 60, ended_ms=T0 + 2100, ended_by="self", done=True,
        recording=heard or recording(AGENT_HZ),
    )  # fmt: skip


def agent(heard: Recording | None = None, *, user: str = "a8001") -> AgentCall:
    return AgentCall(
        user, "02160000001", "leg-1", AGENT_HZ, T0 + 3, ringing_ms=T0 + 4, answer_ms=T0 + 50,
        ack_ms=T0 + 52, ended_ms=T0 + 2104, ended_by="far", recording=heard or recording(CALLER_HZ),
    )  # fmt: skip


def judge(call: TerminalCall, offers: list[AgentCall], *, late: str | None = None) -> CallReport:
    (report,) = judge_calls([call], offers, talk_ms=2000, audio=True, late=late)
    return report


def test_a_good_call() -> None:
    report = judge(terminal(), [agent()])
    assert report.problems == []
    assert (report.audio_to_agent, report.audio_to_terminal) == (True, True)
    assert (report.agent, report.offers) == ("a8001", 1)
    assert (report.invite_to_ring_ms, report.invite_to_200_ms) == (3.0, 60.0)
    # T09: answered is when the agent is heard, not when the switch says 200.
    assert report.invite_to_answer_ms == 100.0
    assert (report.talk_ms, report.agent_bye_gap_ms) == (2054.0, 4.0)


def test_one_way_audio_is_not_an_answer() -> None:
    report = judge(terminal(heard=recording(None)), [agent()])
    assert (report.audio_to_agent, report.audio_to_terminal) == (True, False)
    assert report.invite_to_answer_ms is None
    assert report.problems == [
        "the terminal heard the other's tone for 0 s of the 1 s wanted, in 0 packets"
    ]


def test_a_third_calls_tone_is_cross_talk() -> None:
    report = judge(terminal(), [agent(heard=recording(THIRD_HZ))])
    assert not report.audio_to_agent
    assert report.cross_talk_hz == [THIRD_HZ]
    assert "tones of other calls were heard: [360] Hz" in report.problems


def test_too_short_a_tone_is_not_enough() -> None:
    report = judge(terminal(heard=recording(AGENT_HZ, seconds=0.5)), [agent()])
    assert not report.audio_to_terminal


def test_two_agents_on_one_call() -> None:
    report = judge(terminal(), [agent(), agent(user="a8002")])
    assert report.problems == ["2 agents answered one call"]


def test_a_phone_rung_twice_at_once() -> None:
    offer = agent()
    offer.overlaps = True
    assert judge(terminal(), [offer]).problems == [
        "a telephone was rung while it already had a call"
    ]


def test_nobody_rung_and_refused() -> None:
    call = TerminalCall("021", CALLER_HZ, "call-1", invite_ms=T0, refused_code=404, done=True)
    report = judge(call, [])
    assert report.problems[0] == "the switch refused the call with 404"
    assert not report.ok


def test_an_offer_of_another_caller_or_another_time_is_not_ours() -> None:
    other, earlier = agent(), agent()
    other.number = "02160000002"
    earlier.invite_ms = T0 - 1000
    assert judge(terminal(), [other, earlier, agent()]).offers == 1


def test_a_call_that_never_ends_is_told() -> None:
    call = terminal()
    call.done = False
    assert judge(call, [agent()], late="too late").problems == ["too late"]


@pytest.mark.parametrize("missing", ["answer_ms", "ack_ms"])
def test_an_agent_without_a_whole_handshake_has_not_answered(missing: str) -> None:
    offer = agent()
    setattr(offer, missing, None)
    assert judge(terminal(), [offer]).problems == ["no agent answered"]
