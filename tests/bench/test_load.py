"""The load's own sense: what a profile asks for, whom it may load, and what it says afterwards."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import start_http_server

from acd.proof.phones import Account, AgentCall
from acd.proof.sipp import free_udp_port
from acd.proof.stage import ProofFailure, Stage, Switch, Tools
from acd.proof.terminals import TerminalCall
from bench.load import __main__ as command
from bench.load import target
from bench.load.__main__ import main
from bench.load.machine import Machine
from bench.load.outcome import PROMISE_MS, Sample, figures, plots
from bench.load.profiles import ANSWER_MS, PROFILES, Group, Stream
from bench.load.target import Refused
from bench.load.traffic import Call, Traffic
from bench.results.comparison import compare
from bench.results.model import Figure, Result, read


def streams(name: str, seconds: float = 100.0) -> list[Stream]:
    """Ten agents who carry one call a second together."""
    return PROFILES[name].streams(
        agents=10, seconds=seconds, talk_ms=8_000, wrap_up_ms=2_000 - ANSWER_MS
    )


def test_rates_are_shares_of_what_the_agents_carry() -> None:
    (quiet,) = streams("quiet")
    assert quiet.rate == pytest.approx(0.2)
    assert (quiet.seconds, quiet.calls) == (100.0, 20)
    (busy,) = streams("busy")
    assert busy.rate == pytest.approx(0.75)


def test_a_surge_is_ten_times_the_calm_for_a_fifth_of_the_time() -> None:
    calm, more = streams("surge")
    assert (calm.rate + more.rate) / calm.rate == pytest.approx(10)
    assert more.begin_s == 20.0
    assert more.seconds == pytest.approx(20.0)


def test_the_mix_has_three_per_cent_emergencies() -> None:
    rates = {one.group: one.rate for one in streams("mix")}
    share = rates[Group.EMERGENCY] / sum(rates.values())
    assert share == pytest.approx(0.03, abs=0.001)


def test_a_flood_is_beside_callers_and_has_its_own_group() -> None:
    by_group = {one.group: one for one in streams("flood")}
    assert by_group[Group.FLOOD].rate == pytest.approx(1.0)
    assert by_group[Group.FLOOD].talk_ms < by_group[Group.EMERGENCY].talk_ms


@pytest.mark.parametrize("change", [{"agents": 0}, {"seconds": 0}, {"talk_ms": 0}])
def test_a_load_of_nothing_is_refused(change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"agents": 1, "seconds": 9, "talk_ms": 1, "wrap_up_ms": 0}
    with pytest.raises(ValueError, match="needs an agent"):
        PROFILES["quiet"].streams(**(given | change))


def test_a_private_target_is_taken_with_and_without_a_port() -> None:
    assert target.parse("127.0.0.1", public=False) == ("127.0.0.1", 5060)
    assert target.parse("10.1.2.3:5062", public=False) == ("10.1.2.3", 5062)


def test_a_public_target_needs_a_word() -> None:
    with pytest.raises(Refused, match=r"8\.8\.8\.8 is a public address\..*--public"):
        target.parse("8.8.8.8", public=False)
    assert target.parse("8.8.8.8", public=True) == ("8.8.8.8", 5060)


@pytest.mark.parametrize("text", ["10.0.0.1:port", "10.0.0.1:0", "10.0.0.1:70000", "", "no such"])
def test_what_is_no_target_is_told(text: str) -> None:
    with pytest.raises(Refused, match=r"is no port|is not known"):
        target.parse(text, public=False)


@pytest.fixture
def peer() -> Iterator[int]:
    """Somebody who answers OPTIONS, once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        own.settimeout(10)

        def answer() -> None:
            _, sender = own.recvfrom(4096)
            own.sendto(b"SIP/2.0 200 OK\r\n\r\n", sender)

        thread = threading.Thread(target=answer)
        thread.start()
        yield int(own.getsockname()[1])
        thread.join()


def test_a_target_that_answers_is_taken(peer: int) -> None:
    target.answers("127.0.0.1", peer, patience_s=10)


def test_a_target_that_is_down_ends_the_run_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_udp_port("127.0.0.1")
    assert main(["--target", f"127.0.0.1:{port}", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"Nobody answers SIP at 127.0.0.1:{port} over UDP" in said
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_dies_in_the_middle_ends_the_run_and_has_lost_nobody_yet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, peer: int
) -> None:
    """Who got no answer of a dead machine was counted as a call that the switch had lost, for as
    long as the run went on."""
    monkeypatch.setattr(command, "EVERY_S", 0.1)
    monkeypatch.setattr(command, "UNHEARD_MS", 200)
    assert main(["--target", f"127.0.0.1:{peer}", "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert f"Nobody answers SIP at 127.0.0.1:{peer} over UDP" in told.err
    assert "refused, or never answered: 0 calls\n" in told.out
    assert "within 10 s" not in told.out  # nobody knows, and there is no invented zero
    (kept,) = tmp_path.glob("*.json")
    result = read(kept)
    assert result.broken_off.startswith("Nobody answers SIP")
    assert [one.holds for one in result.figures] == [None] * len(result.figures)


def test_phones_are_read_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "phones.csv"
    path.write_text("# ours\na1;secret\na2;other\n", encoding="utf-8")
    assert target.accounts(path) == [Account("a1", "secret"), Account("a2", "other")]
    path.write_text("a1;secret\na2\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"phones\.csv, line 2"):
        target.accounts(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="holds no telephone"):
        target.accounts(path)
    path.write_bytes(b"a1;\xff\xfe\n")
    with pytest.raises(Refused, match=r"phones\.csv is not text in UTF-8\.$"):
        target.accounts(path)
    with pytest.raises(Refused, match=r"none\.csv cannot be read: No such file or directory\.$"):
        target.accounts(tmp_path / "none.csv")


def call(group: Group = Group.EMERGENCY, **what: Any) -> Call:
    return Call(**{"group": group, "number": "1", "invited_ms": 0.0, "over": True, **what})


def named(found: list[Figure]) -> dict[str, Figure]:
    return {one.name: one for one in found}


def test_a_call_is_lost_when_the_switch_did_nothing_for_it() -> None:
    assert call(refused_code=503).lost
    assert call().lost
    assert not call(left=True).lost
    assert not call(answered_ms=900.0).lost
    assert not call(over=False).lost


def test_each_group_has_its_figures_and_emergencies_are_judged() -> None:
    calls = [
        *[call(answered_ms=2_000.0, offered_ms=3.0)] * 18,
        call(answered_ms=11_000.0, offered_ms=4.0),
        call(left=True),
        call(Group.ENQUIRY, answered_ms=30_000.0),
    ]
    found = named(figures(PROFILES["busy"], calls, []))
    within = found["emergency_within_10_s"]
    assert within.value == pytest.approx(90.0)
    assert within.holds is False
    assert found["emergency_lost"].holds is True
    assert found["emergency_left"].value == 1
    assert found["emergency_offer_p50"].value == 3.0
    assert found["enquiry_within_10_s"].holds is None
    assert "enquiry_offer_p50" not in found  # nobody was rung: no invented zero
    assert "flood_placed" not in found
    assert "cpu_per_call" not in found


def compared(one: list[Call], other: list[Call]) -> dict[str, str]:
    """What a comparison of two surges says of each figure."""
    a, b = (
        Result(bench="load-surge", command="", figures=figures(PROFILES["surge"], calls, []))
        for calls in (one, other)
    )
    return {change.before.name: change.verdict for change in compare(a, b)}


def test_four_callers_more_or_less_are_chance_and_a_lost_one_is_not() -> None:
    """A comparison called it better when 20 of 300 callers left and not 24."""
    answered = [call(answered_ms=2_000.0 + n) for n in range(276)]
    some, fewer = [call(left=True)] * 24, [call(left=True)] * 20
    more = [call(answered_ms=2_000.0)] * 4
    assert set(compared(answered + some, answered + fewer + more).values()) == {"same"}
    many = compared(answered + [call(left=True)] * 60, answered + fewer + more * 10)
    assert (many["emergency_left"], many["emergency_within_10_s"]) == ("better", "better")
    lost = compared(answered, [*answered[1:], call(refused_code=503)])
    assert [name for name, verdict in lost.items() if verdict != "same"] == ["emergency_lost"]
    assert lost["emergency_lost"] == "worse"


def test_the_slowest_of_a_few_calls_says_nothing() -> None:
    """p99 of twenty calls is the slowest one, whoever that is."""
    usual = [call(answered_ms=900.0 + 10 * n, offered_ms=3.0) for n in range(20)]
    unlucky = [*usual[:-1], call(answered_ms=2_000.0, offered_ms=3.0)]
    assert set(compared(usual, unlucky).values()) == {"same"}
    # One call alone: nothing is known of any quantile.
    assert set(compared(usual[:1], [call(answered_ms=2_000.0, offered_ms=9.0)]).values()) == {
        "same"
    }
    slow = [call(answered_ms=2_000.0 + 10 * n, offered_ms=3.0) for n in range(20)]
    assert compared(usual, slow)["emergency_answer_p50"] == "worse"


def test_callers_whom_the_end_of_the_run_cut_off_have_not_been_failed() -> None:
    """Of twelve calls eight were answered and four had just come when SIPp was killed: the promise
    was said to be broken for a third."""
    calls = [call(answered_ms=900.0)] * 8
    calls += [call(over=False, waiting_ms=2_000.0)] * 3
    assert named(figures(PROFILES["busy"], calls, []))["emergency_within_10_s"].value == 100
    calls.append(call(over=False, waiting_ms=PROMISE_MS + 1.0))
    found = named(figures(PROFILES["busy"], calls, []))["emergency_within_10_s"]
    assert found.value == pytest.approx(100 * 8 / 9)


def test_a_refused_call_is_a_figure_that_does_not_hold() -> None:
    found = named(figures(PROFILES["surge"], [call(refused_code=503)], []))
    assert (found["emergency_lost"].value, found["emergency_lost"].holds) == (1, False)
    assert found["emergency_within_10_s"].holds is None


def test_the_machine_has_figures_when_it_could_be_read() -> None:
    samples = [
        Sample(at_s=0.0, live=0, cpu_s=10.0, memory_mb=90.0),
        Sample(at_s=5.0, live=3),
        Sample(at_s=10.0, live=1, cpu_s=10.5, memory_mb=96.0),
    ]
    found = named(figures(PROFILES["quiet"], [call(answered_ms=1.0)] * 10, samples))
    assert found["cpu_per_call"].value == pytest.approx(50.0)
    assert found["memory_peak"].value == 96.0
    assert found["memory_growth"].value == pytest.approx(96 / 90)
    titles = {plot.title: plot for plot in plots([call(answered_ms=1.0)], samples)}
    assert titles["CPU"].lines[0].y == [pytest.approx(5.0)]
    assert titles["calls live"].lines[0].y == [0.0, 3.0, 1.0]


class Broken:
    """Robots, or callers, whose SIPp has died."""

    calls: list[AgentCall]
    ended = True

    def __init__(self, words: str) -> None:
        self.calls, self.words = [], words

    def problem(self) -> str | None:
        return self.words


def traffic(stage: Stage, tmp_path: Path) -> Traffic:
    """A run of which nothing has begun."""
    later = Stream(group=Group.ENQUIRY, begin_s=3_600.0, seconds=1.0, rate=1.0, talk_ms=1)
    return Traffic(stage, Tools([], tmp_path, Switch()), [later], entries=dict.fromkeys(Group, "1"))


def test_a_callback_that_an_earlier_run_is_owed_is_no_offer_of_this_one(tmp_path: Path) -> None:
    """A telephone was said to have rung six seconds before its caller called."""
    with Stage() as stage:
        loaded = traffic(stage, tmp_path)
        robots = loaded.robots = Broken("")
        caller = TerminalCall("0210000001", 440)
        terminals: Any = None
        loaded._callers[caller.number] = (streams("quiet")[0], terminals, caller)
        owed = AgentCall("a1", caller.number, "id", 440, invite_ms=1_000.0, answer_ms=1_800.0)
        robots.calls.append(owed)
        loaded.agent_answered(owed)
        loaded._look()
        caller.invite_ms = 7_000.0
        robots.calls.append(AgentCall("a1", caller.number, "id2", 440, invite_ms=7_003.0))
        loaded._look()
        (found,) = loaded.calls()
        assert (found.invited_ms, found.offered_ms, found.answered_ms) == (7_000.0, 7_003.0, None)


def test_robots_that_die_in_the_middle_end_the_run_with_their_words(tmp_path: Path) -> None:
    """Else every call from there on would be one that the switch has lost."""
    with Stage() as stage:
        loaded = traffic(stage, tmp_path)
        loaded.robots = Broken("SIPp phones ended with -9: killed")
        with pytest.raises(ProofFailure, match="SIPp phones ended with -9"):
            loaded.run(lambda now_s: None)


def test_callers_that_die_in_the_middle_end_the_run_and_calls_that_fail_do_not(
    tmp_path: Path,
) -> None:
    with Stage() as stage:
        loaded = traffic(stage, tmp_path)
        stream = streams("quiet")[0]
        some: Any = Broken("SIPp emergency-0 ended with 1: unexpected message")
        dead: Any = Broken("SIPp enquiry-1 ended with 255: bind failed")
        loaded.rows = [(stream, some)]
        turns: list[float] = []

        def tick(now_s: float) -> None:
            turns.append(now_s)
            if len(turns) == 2:
                loaded.rows.append((stream, dead))

        with pytest.raises(ProofFailure, match="enquiry-1 ended with 255: bind failed"):
            loaded.run(tick)
        assert len(turns) == 2


def test_an_asterisk_that_is_gone_has_used_no_time() -> None:
    """Its absence ended the load with a traceback."""

    def gone() -> int:
        raise ProcessLookupError("asterisk is not running")

    with start_http_server(0)[0] as server:
        machine = Machine(f"http://127.0.0.1:{server.server_port}/metrics", gone)
        sample = machine.sample(1.0, live=2)
        server.shutdown()
    assert (sample.cpu_s, machine.silent) == (None, 0)


def test_metrics_that_nobody_serves_are_no_figures() -> None:
    machine = Machine(f"http://127.0.0.1:{free_udp_port('127.0.0.1')}/metrics")
    sample = machine.sample(1.0, live=2)
    assert (sample.live, sample.cpu_s, sample.memory_mb) == (2, None, None)
    assert machine.silent == 1
