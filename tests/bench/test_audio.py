"""When the audio bench says that somebody hears somebody, and what it makes of those who do not."""

import struct

import pytest

from bench.audio.__main__ import at, figures, main, nothing
from bench.audio.probe import (
    AGENTS_RTP_PORT,
    CALLERS_RTP_PORT,
    MARKS,
    Call,
    Probe,
    Stream,
    says,
    waits_ms,
)
from bench.offer.capture import Passing

SIP, ASTERISK_TO_CALLER, ASTERISK_TO_AGENT = 5060, 10_000, 10_002
CALLER, USER = "02160100010", 2160100010


def sip(at_ms: float, start: str, call_id: str, *, inbound: bool, port: int = 0) -> Passing:
    body = f"\r\nm=audio {port} RTP/AVP 8\r\n" if port else ""
    text = (
        f"{start}\r\nFrom: <sip:{CALLER}@127.0.0.1>;tag=1\r\nCall-ID: {call_id}\r\n"
        f"CSeq: 1 INVITE\r\n{body}"
    )
    ports = (7070, SIP) if inbound else (SIP, 7070)
    return Passing(int(at_ms * 1e6), *ports, text.encode())


def rtp(at_ms: float, source: int, target: int, sound: int) -> Passing:
    header = struct.pack("!BBHII", 0x80, 8, 1, 160, 7)
    return Passing(int(at_ms * 1e6), source, target, header + bytes([sound]) * 160)


def answered(every: int = 10) -> tuple[Probe, Stream, Stream]:
    """A call whose agent answers at 100 ms, and what both telephones then send."""
    probe = Probe(sip_port=SIP, every=every)
    sent = [
        probe.see(packet, now_s=1.0)
        for packet in (
            sip(0, "INVITE sip:95002@x SIP/2.0", "c", inbound=True, port=CALLERS_RTP_PORT),
            sip(2, "INVITE sip:a9000@x SIP/2.0", "a", inbound=False, port=ASTERISK_TO_AGENT),
            sip(100, "SIP/2.0 200 OK", "a", inbound=True, port=AGENTS_RTP_PORT),
            sip(101, "SIP/2.0 200 OK", "c", inbound=False, port=ASTERISK_TO_CALLER),
            sip(102, "SIP/2.0 200 OK", "c", inbound=False, port=ASTERISK_TO_CALLER),  # again
        )
    ]
    assert [one is None for one in sent] == [True, True, False, False, True]
    agent, caller = sent[2], sent[3]
    assert agent is not None and caller is not None
    return probe, agent, caller


def test_each_telephone_sends_from_its_200_on_to_where_asterisk_listens_for_it() -> None:
    _, agent, caller = answered()
    assert (agent.side, caller.side) == ("agent", "caller")
    first, second = agent.packet(), agent.packet()
    assert first[1] == ("127.0.0.1", ASTERISK_TO_AGENT)
    assert caller.packet()[1] == ("127.0.0.1", ASTERISK_TO_CALLER)
    assert struct.unpack("!H", second[0][2:4])[0] == struct.unpack("!H", first[0][2:4])[0] + 1
    assert says(first[0], "agent") and not says(first[0], "caller")


def test_only_the_others_sound_on_its_way_out_counts_and_the_first_of_it() -> None:
    probe, _, _ = answered()
    music = 0x10
    for packet in (
        rtp(101.0, 6_002, ASTERISK_TO_AGENT, MARKS["agent"]),  # on its way in
        rtp(102.0, ASTERISK_TO_CALLER, CALLERS_RTP_PORT, music),
        rtp(102.5, ASTERISK_TO_CALLER, CALLERS_RTP_PORT, MARKS["caller"]),  # an echo
        rtp(103.0, ASTERISK_TO_CALLER, CALLERS_RTP_PORT, MARKS["agent"]),
        rtp(104.0, ASTERISK_TO_CALLER, CALLERS_RTP_PORT, MARKS["agent"]),
    ):
        probe.see(packet, now_s=1.0)
    (call,) = probe.calls.values()
    assert not call.is_two_way
    assert waits_ms([call]) == {"caller": [], "agent": [], "both": []}
    probe.see(rtp(105.5, ASTERISK_TO_AGENT, AGENTS_RTP_PORT, MARKS["caller"]), now_s=1.0)
    assert waits_ms([call]) == {"caller": [3.0], "agent": [5.5], "both": [5.5]}


def test_only_every_so_manyth_call_has_sound() -> None:
    probe = Probe(sip_port=SIP, every=7)
    assert USER % 7
    probe.see(sip(0, "INVITE sip:9@x SIP/2.0", "c", inbound=True, port=6000), now_s=0.0)
    assert probe.see(sip(9, "SIP/2.0 200 OK", "c", inbound=False, port=10), now_s=0.0) is None
    assert not probe.calls


def call(both_ms: float | None) -> Call:
    at_ns = None if both_ms is None else int(both_ms * 1e6)
    return Call(number=1, answered=0, agent_hears=1_000_000, caller_hears=at_ns)


@pytest.mark.parametrize(
    ("waits", "late", "unheard"),
    [([3.0, 4.9], False, 0), ([3.0, 5.1], True, 0), ([3.0, None], False, 1)],
)  # fmt: skip
def test_what_is_wanted_of_the_switch_is_judged(
    waits: list[float | None], late: bool, unheard: int
) -> None:
    calls = {"queue": [call(9.0)], "service": [call(one) for one in waits]}
    found = {one.name: one for one in figures(calls)}
    assert found["both_p99_queue"].holds is None
    assert found["both_p99_service"].holds is not late
    assert (found["unheard_service"].value, found["unheard_service"].holds) == (
        unheard,
        unheard == 0,
    )
    assert at([1.0, 2.0, 3.0], 0.5) == 2.0


def test_where_nobody_was_heard_there_is_no_invented_figure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [one.name for one in figures({"queue": [], "service": [call(None)]})]
    assert names == ["unheard_service"]
    assert nothing() == 2
    assert "No call had sound" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--no-such-option"])
