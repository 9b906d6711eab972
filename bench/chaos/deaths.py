"""One of two services or two Asterisks dies under a stream of calls, from the gathering to the
verdict."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from acd.proof.stage import now_ms
from bench.chaos.pair import NODES, Pair
from bench.chaos.stream import Caller, Stream
from bench.chaos.verdict import Line, forgotten, late
from bench.chaos.view import Json

LEAD_S = 15
AFTER_S = 20
"""How long calls come in before it dies, and afterwards: with half of the agents, if it is a
node."""
TALKED_MS = 1_000.0
"""So long an agent has to be there for it to be a conversation."""
GREY_MS = 500.0
"""Whoever hung up on a node so shortly before its death may not have been heard."""


@dataclass(frozen=True)
class Death:
    """Who of the four dies."""

    name: str
    kill: Callable[[Pair], None]
    bring_back: Callable[[Pair], None]
    node: str | None = None
    """The Asterisk that dies, and with it the calls that came in there."""


def _of_node(node: str) -> Death:
    def kill(pair: Pair) -> None:
        pair.kill_node(node)

    def start(pair: Pair) -> None:
        pair.start_node(node)

    return Death(f"pair: Asterisk {node} killed", kill, start, node)


DEATHS = (
    Death("pair: the service that serves killed", Pair.kill_service, Pair.start_standby),
    Death("pair: the standby killed", Pair.kill_standby, Pair.start_standby),
    *map(_of_node, NODES),
)


@dataclass(frozen=True)
class Load:
    """What goes on while somebody dies."""

    rate: float
    """In calls/s, over both nodes."""
    talking: int
    """All the time, half of them on each node."""
    waiting: int


def trial(pair: Pair, death: Death, folder: Path, number: int, load: Load) -> Line:
    """Have somebody die; ``number`` is this death's own.  Raises ProofFailure."""
    began = datetime.now(UTC) - timedelta(milliseconds=100)
    logs = {one: one.log_size() for one in (pair.service, pair.standby)}
    living = [node for node in NODES if node != death.node]
    with Stream(pair, folder, number, load.rate) as stream:
        stream.gather(talking=load.talking, waiting=load.waiting)
        arrived = {row["caller"]: row["arrived_at"] for row in pair.rows(began)}
        stream.flow(LEAD_S, NODES)
        in_flight = [one for one in stream.callers if _goes_on(one)]
        in_flight = [one for one in in_flight if one.call.trying_ms is not None]
        lost = {one.call.number for one in in_flight if one.node == death.node}
        killed_ms, killed = now_ms(), time.monotonic()
        death.kill(pair)
        stream.gone = death.node
        took_s = time.monotonic() - killed
        owed: set[str] = set()

        def over_it() -> bool:
            if death.node is None:
                return pair.knows_all()
            owed.update(_owed(pair))
            ended = {row["caller"] for row in pair.rows(began) if row["ended_at"]}
            return lost <= ended & owed

        recovered_s = stream.flow(AFTER_S, living, over_it)
        still = [one for one in stream.part("stream") if one.node in living]
        stream.until(lambda: not any(_goes_on(one) for one in still))
        served = stream.serve_in_turn(living)
        cut = _cut(stream, living)
        stream.part_all(death.node)
        death.bring_back(pair)
        stream.must(pair.has_links, "both links to both nodes")
        line = Line(death.name, len(in_flight), len(cut) + len(lost), [], 0, None)
        line.recovered_s = None if recovered_s is None else took_s + recovered_s
        owed |= _owed(pair)
        pair.close_what_is_owed()
        rows = pair.records(began)
        for one in stream.callers:
            if one.node == death.node and one.call.trying_ms is None:
                continue  # nobody was there to be called
            mine = [row for row in rows if row["caller"] == one.call.number]
            is_lost = one.call.number in lost
            why = forgotten(
                one.call.number,
                mine,
                outcomes=_outcomes(one, served, death, killed_ms, is_lost=is_lost),
                must_be_owed=is_lost and one.call.number not in owed,
            )
            line.forgotten += [] if why is None else [why]
            line.late += one.part == "stream" and one.node in living and late(mine)
        line.wrong += [f"{number} was cut" for number in cut]
        line.order_kept = _in_order(stream, living, served) and _as_arrived(rows, arrived)
        stream.leave()
    for service, log_from in logs.items():
        line.wrong += [found[:300] for found in service.complaints(log_from)]
    defects = pair.defects()
    line.wrong += [f"{defects:g} defects"] if defects else []
    return line


def _goes_on(one: Caller) -> bool:
    call = one.call
    return call.invite_ms is not None and call.ended_ms is None and call.refused_code is None


def _owed(pair: Pair) -> set[str]:
    return {one["number"] for one in pair.get("/obligations?state=open&limit=1000")}


def _cut(stream: Stream, living: list[str]) -> list[str]:
    """Who was let go on a living node, or talked to an agent of a living node who then was gone."""
    found = []
    for one in stream.callers:
        if one.node not in living:
            continue
        talks = [
            (agent.ack_ms, agent.ended_ms or float("inf"))
            for agent in stream.rung_for(one.call.number)
            if stream.node_of(agent.user) in living and agent.ack_ms is not None
        ]
        if (
            one.call.ended_by == "far"
            or one.call.refused_code is not None
            or left_alone(talks, one.call.ended_ms or float("inf"))
        ):
            found.append(one.call.number)
    return found


def left_alone(talks: list[tuple[float, float]], end_ms: float) -> bool:
    """Whether a conversation has ended before its caller wanted, with nobody else there: whoever
    answered second hears so, and goes.  ``talks`` are from an agent's answer to their end."""
    return any(
        ended - began > TALKED_MS
        and ended < end_ms - GREY_MS
        and not any(other[0] <= ended < other[1] for other in talks)
        for began, ended in talks
    )


def _outcomes(
    one: Caller, served: list[str], death: Death, killed_ms: float, *, is_lost: bool
) -> set[str]:
    if is_lost:
        return {"answered", "lost"}
    if one.part == "waiting" and one.call.number not in served:
        return {"abandoned"}
    ended_ms = one.call.ended_ms
    if one.node == death.node and ended_ms is not None and ended_ms > killed_ms - GREY_MS:
        return {"answered", "lost"}
    return {"answered", "fallback"}


def _in_order(stream: Stream, living: list[str], served: list[str]) -> bool:
    waited = [one.call.number for one in stream.part("waiting") if one.node in living]
    return bool(served) and served == waited[: len(served)]


def _as_arrived(rows: list[Json], arrived: dict[str, datetime]) -> bool:
    """Whether every arrival that was written before still stands."""
    now = {row["caller"]: row["arrived_at"] for row in rows}
    return all(now.get(number) == at for number, at in arrived.items())
