"""Callbacks: taking up what is owed, without taking agents from those who are on the line.

A callback is a call of ours that waits in its queue's line at the place of the original arrival,
as if the caller were still there: an agent is rung first, and when they are on the line the number
is dialled.  An emergency enters the line at once; if no agent has come within 20 s its number is
dialled all the same, and whoever picks up waits as the most urgent.  When no operator answers
OPTIONS the number is dialled first, for one may take the call all the same, and agents are rung
when it rings (decision 29).  Any other callback begins only when no caller of the queue wants an
agent and one more agent is free than callbacks need, asks one agent, and steps back if that one
does not come (FreePBX issue-tracker#621: callbacks that starve live callers, or lose their place).

A call from the number that is being called is the elder calling us: ours is taken back.  An agent
who calls the number by themselves takes the matter over as well: theirs is the callback then.
"""

from heapq import heappop, heappush

from acd.core import calls
from acd.core.commands import Release
from acd.core.emergency import cases
from acd.core.emergency.case import Case
from acd.core.entities import Call
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, Obligation, OwedFor
from acd.core.ids import AgentId, CallId, ObligationId, QueueId
from acd.core.moves import hang_up
from acd.core.outside import outbound, placing, trunks
from acd.core.queueing import waiting
from acd.core.state import State
from acd.core.tables import CallState, ObligationState

NO_AGENT_MS = 20_000
"""An emergency is dialled without an agent then: of the 30 s it has, ten are for the ringing."""


def settle(s: State) -> None:
    """Begin what may begin now."""
    for queue in [key for key in s.callbacks_due if key not in s.lines]:
        _leave_queue(s, queue)
    for queue in tuple(s.callbacks_due):
        heap = s.callbacks_due[queue]
        aside = []
        while heap:
            if _is_stale(s, heap[0][2]):
                heappop(heap)
            elif _is_on_the_line(s, owed := s.obligations[heap[0][2]]):
                aside.append(heappop(heap))
            elif _may_begin(s, queue, owed):
                heappop(heap)
                _begin(s, queue, owed)
            else:
                break
        for one in aside:
            heappush(heap, one)
        if not heap:
            del s.callbacks_due[queue]


def _leave_queue(s: State, queue: QueueId) -> None:
    """The directory has this queue no more: what is owed there waits where its entry leads now, an
    emergency with the other emergencies, and in any line rather than in none."""
    for one in s.callbacks_due.pop(queue):
        owed = s.obligations.get(one[2])
        if owed is None:
            continue
        entry = None if owed.entry is None else s.entries.get(owed.entry)
        heir = cases.line_for(s, None if entry is None else entry.queue) or queue
        heappush(s.callbacks_due.setdefault(heir, []), one)


def _is_stale(s: State, key: ObligationId) -> bool:
    owed = s.obligations.get(key)
    return owed is None or owed.state is not ObligationState.DUE


def _is_on_the_line(s: State, owed: Obligation) -> bool:
    """Tell whether somebody talks with them, or is about to: there is one leg per number, and who
    is owed a call after them must not wait for its end.  Who calls us about something else when
    their appointment comes is not called meanwhile."""
    if owed.number in s.dialled:
        return True
    return owed.appointed_ms is not None and owed.number in s.calls_from


def _may_begin(s: State, queue: QueueId, owed: Obligation) -> bool:
    line = s.lines.get(queue)
    if line is None or not s.nodes or owed.number is None:
        return False
    if not s.trunks:
        return False
    if owed.is_emergency:
        return True
    if not trunks.answers_any(s):
        return False  # no agent is rung for what nobody can carry
    free = sum(pool.free for pool in line.pools)
    under_way = sum(1 for key in s.callbacks if s.calls[key].queue == queue)
    return line.waiting == 0 and free > (1 if under_way else 0)


def _begin(s: State, queue: QueueId, owed: Obligation) -> None:
    node = s.node_for_new()
    assert owed.number is not None and node is not None
    call = placing.begin(
        s,
        node,
        owed.number,
        queue=queue,
        kind=owed.entry_kind,
        person=None,
        reference=owed.id,
        since_ms=owed.since_ms,
        caller_ids=() if owed.entry is None else (owed.entry,),
        terminal=None if owed.why is OwedFor.CONTACT else owed.terminal,
    )
    assert call.placed is not None
    call.placed.obligation = owed.id
    s.callbacks[call.id] = None
    obligations.take_up(s, owed, call.id, None)
    if owed.why is OwedFor.CONTACT:
        # Agents are rung when whoever picks up has said that they can help.
        call.placed.is_contact = call.placed.asks = True
        _dial_first(s, call)
        return
    known = cases.find(s, owed.number)
    if known is not None:
        cases.join(s, call, known)
    if owed.is_emergency and not trunks.answers_any(s):
        call.placed.must_ring = True
        _dial_first(s, call)
        return
    seek(s, call)
    if owed.is_emergency:
        s.timers.set(("no_agent", call.id), s.now + NO_AGENT_MS)


def seek(s: State, call: Call) -> None:
    """Have agents rung for it."""
    assert call.placed is not None
    call.placed.must_ring = False
    waiting.take_up_stages(s, call)
    s.seeking_calls[call.id] = None


def _dial_first(s: State, call: Call) -> None:
    """The machine calls; no agent is rung yet."""
    if isinstance(placing.dial(s, call), outbound.NotDialled):
        call_off(s, call)


def call_off(s: State, call: Call) -> None:
    """End a call of ours in which nobody has been reached."""
    calls.call_off(s, call)
    if not call.legs:
        calls.end(s, call)


def stop(s: State, owed: Obligation) -> None:
    """Nobody is called for it any more, unless they are on the line."""
    call = None if owed.working is None else s.calls.get(owed.working)
    if call is not None and call.placed is not None and not placing.is_far_end_there(s, call):
        take_back(s, call)


def case_closed(s: State, case: Case) -> None:
    """People have said how it ended: the elder is not redialled for it any more, or the next call
    in vain would open another case."""
    owed = obligations.find(s, case.number)
    if owed is not None and owed.is_emergency:
        stop(s, owed)
        obligations.fulfil(s, s.obligations[owed.id], Closing.NOT_NEEDED)


def no_agent(s: State, key: CallId) -> None:
    """No agent has come: the elder is called all the same, and the line is held for them."""
    call = s.calls[key]
    waits = call.state in (CallState.WAITING, CallState.OFFERING)
    if waits and call.placed is not None and call.placed.dial is None:
        made = placing.dial(s, call)
        if isinstance(made, outbound.NotDialled):
            s.timers.set(("no_agent", key), s.now + NO_AGENT_MS)


def called_again(s: State, call: Call) -> None:
    """A call has come in from a number that we owe one: it takes the matter over."""
    if call.synthetic or call.queue is None:
        return  # a number that means nothing here: they have reached nobody
    own = obligations.find(s, call.caller)
    # An appointment is with the people of its queue, and nobody else keeps it.
    promised = [o for o in obligations.appointments(s, call.caller) if o.queue == call.queue]
    contacts = obligations.of_contact(s, call.caller)
    for owed in (*([] if own is None else [own]), *promised, *contacts):
        _taken_over(s, owed, call)


def _taken_over(s: State, owed: Obligation, call: Call) -> None:
    ours = None if owed.working is None else s.calls.get(owed.working)
    if ours is not None and placing.is_far_end_there(s, ours):
        return  # we are talking with them, or they hold the line: this is somebody else there
    if owed.state is ObligationState.WORKED:
        obligations.hand_over(s, owed, call.id)
    else:
        obligations.take_up(s, owed, call.id, None)
    if ours is not None and ours.placed is not None:
        take_back(s, ours)


def owed_to(s: State, number: str, by: AgentId) -> Obligation | None:
    """Return the callback that an agent's own call to this number would be; None for none, and when
    they are on the line with us, or wait for us there.  An appointment is kept by whoever serves
    its queue."""
    agent = s.agents.get(by)
    queues = () if agent is None else agent.queues
    mine = (one for one in obligations.appointments(s, number) if one.queue in queues)
    owed = obligations.find(s, number) or next(mine, None)
    if owed is None or owed.working is None:
        return owed
    at_it = s.calls.get(owed.working)
    if at_it is None or at_it.placed is None or placing.is_far_end_there(s, at_it):
        return None
    return owed


def called_by_agent(s: State, owed: Obligation, call: Call) -> None:
    """An agent calls by themselves whoever is owed it: nobody else is rung for it meanwhile, and a
    conversation fulfils it (C02).  What a person has taken up stays theirs if nothing comes of
    it."""
    assert call.placed is not None
    call.placed.obligation = owed.id
    call.placed.is_contact = owed.why is OwedFor.CONTACT
    s.callbacks[call.id] = None
    ours = None if owed.working is None else s.calls.get(owed.working)
    if owed.state is not ObligationState.WORKED:
        obligations.take_up(s, owed, call.id, None)
    elif ours is not None:
        obligations.hand_over(s, owed, call.id)
        take_back(s, ours)
    known = cases.find(s, owed.number)
    if known is not None:
        cases.join(s, call, known)


def answered(s: State, call: Call) -> None:
    """An agent's own call is answered.  What has come to be owed to the number since it began is in
    its hands from now on, as if it had been owed before; one that nobody answers is none."""
    placed = call.placed
    if placed is None or placed.person is None or placed.obligation is not None:
        return
    owed = owed_to(s, placed.number, placed.person)
    if owed is not None:
        call.kind = owed.entry_kind  # so that silence means the same
        called_by_agent(s, owed, call)


def take_back(s: State, call: Call) -> None:
    """Stop calling: no second leg may go to who is on the line already."""
    assert call.placed is not None
    if call.state is CallState.REACHING:
        placing.give_up(s, call)
        assert call.agent_leg is not None
        hang_up(s, s.legs[call.agent_leg], Release.NORMAL)
    elif call.state in (CallState.WAITING, CallState.OFFERING):
        if call.placed.dial is not None:
            outbound.withdraw(s, s.dials[call.placed.dial])
        call_off(s, call)
