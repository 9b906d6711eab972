"""Whom a caller would rather have: the agent they ask for, the one who knows them, somebody who
speaks their language.

A preference is never a need.  An emergency waits 0 s for it: it only chooses among those who could
be rung at once (C15).  Elsewhere a queue may let its callers wait a little (``prefer_wait_ms``)
for somebody who is busy; after that, and after the first ring whatever came of it, the queue's
own rule serves (T39).  While a caller waits so they stand on ``Line.wanted``, by whom they want,
and whoever comes free looks there too: all of it costs the logarithm of the lengths.

Who knows a caller is remembered from the conversations: the agent of the first contact, who follows
the matter to the end (W15), and the last one.  The memory is bounded and forgets the oldest.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from acd.core import directory
from acd.core.directory import Sticky
from acd.core.entities import Agent, Call, Contact, Pool, Preference
from acd.core.events import CallArrived
from acd.core.ids import CallId
from acd.core.queueing import lines
from acd.core.state import Line, State
from acd.core.tables import AgentState

CONTACTS_MAX = 50_000
"""Callers remembered: some 15 MB."""

REPEAT_MS = 600_000
"""Who calls an emergency entry again so soon after nobody answered goes before the others."""

RECENT_MAX = 20
"""So many calls of the last minutes belong to a case that is opened now."""

BUSY = frozenset({AgentState.TALKING, AgentState.OFFERED, AgentState.WRAP_UP})
"""States in which an agent is worth a short wait: they are at work and will be free."""


# What a call brings -----------------------------------------------------------------------------


def contact_key(event: CallArrived) -> str | None:
    """Return under what a caller is remembered: a terminal may have several numbers."""
    return event.terminal or event.caller


def is_repeat(s: State, event: CallArrived, kind: directory.EntryKind | None) -> bool:
    """Tell whether the caller has just called an emergency entry and not been answered."""
    contact = s.contacts.get(contact_key(event) or "")
    return (
        contact is not None
        and kind is directory.EntryKind.EMERGENCY
        and contact.unserved_ms is not None
        and s.now - contact.unserved_ms <= REPEAT_MS
    )


def note_arrival(s: State, call: Call, event: CallArrived, entry: directory.Entry) -> None:
    """Note whom the caller would rather have, and whether they wait for it."""
    assert call.queue is not None
    queue = s.lines[call.queue].queue
    call.contact = contact_key(event)
    call.prefers = list(_preferences(s, call, event, entry, queue))
    # Whom we hear of late, after a freeze, may have waited long enough already.
    until_ms = call.arrived_ms + queue.prefer_wait_ms
    if call.prefers and until_ms > s.now and call.kind is not directory.EntryKind.EMERGENCY:
        call.patient = True
        s.timers.set(("prefer", call.id), until_ms)


def _preferences(
    s: State,
    call: Call,
    event: CallArrived,
    entry: directory.Entry,
    queue: directory.Queue,
) -> Iterator[Preference]:
    if entry.agent is not None:
        yield Preference("named", entry.agent, None)
    contact = s.contacts.get(call.contact or "")
    if contact is not None and s.now - contact.at_ms <= queue.sticky_ms:
        for sticky in queue.sticky:
            agent = contact.owner if sticky is Sticky.OWNER else contact.last
            if agent is not None:
                yield Preference(sticky.value, agent, None)
    for skill in event.languages:
        if skill in queue.prefers:
            yield Preference("skill", None, skill)


def wait_over(s: State, key: CallId) -> None:
    """The caller has waited long enough for somebody in particular."""
    stop_waiting(s, s.calls[key])


def stop_waiting(s: State, call: Call) -> None:
    """The queue's own rule serves from now on; who is free and preferred still goes first."""
    s.timers.cancel(("prefer", call.id))
    if call.patient:
        call.patient = False
        lines.leave_line(s, call)
        s.seeking_calls[call.id] = None


def note_ring(s: State, call: Call, agent: Agent) -> None:
    """Whoever was asked for is asked once, and patience ends with the first ring."""
    s.timers.cancel(("prefer", call.id))
    call.patient = False
    call.prefers = [one for one in call.prefers if one.agent != agent.id]


# Who knows whom ---------------------------------------------------------------------------------


def remember_talk(s: State, call: Call, agent: Agent) -> None:
    """The caller has spoken with the agent."""
    contact = _touch(s, call)
    if contact is None:
        return
    assert call.queue is not None
    if contact.owner is None or s.now - contact.at_ms > s.lines[call.queue].queue.sticky_ms:
        contact.owner = agent.id
    contact.last = agent.id
    contact.at_ms = s.now
    contact.unserved_ms = None


def remember_unserved(s: State, call: Call) -> None:
    """The caller of an emergency entry is gone, and nobody had answered."""
    if call.kind is directory.EntryKind.EMERGENCY and call.answered_ms is None:
        contact = _touch(s, call)
        if contact is not None:
            contact.unserved_ms = s.now


def remember_call(s: State, call: Call) -> None:
    """An emergency call is over for which no case was opened: the next one may open it."""
    if call.kind is directory.EntryKind.EMERGENCY and call.scene is None:
        contact = _touch(s, call)
        if contact is not None:
            recent = [one for one in contact.recent if s.now - one[0] <= REPEAT_MS]
            contact.recent = (*recent, (s.now, call.id))[-RECENT_MAX:]


def recent_calls(s: State, key: str | None) -> tuple[CallId, ...]:
    """Return the emergency calls of the last minutes that are the same matter, in order; once: what
    one case has taken in is no other's."""
    contact = s.contacts.get(key or "")
    if contact is None:
        return ()
    recent, contact.recent = contact.recent, ()
    return tuple(call for at_ms, call in recent if s.now - at_ms <= REPEAT_MS)


def _touch(s: State, call: Call) -> Contact | None:
    """Return the caller's contact, made the youngest."""
    if call.contact is None or call.synthetic:
        return None
    contact = s.contacts.pop(call.contact, None) or Contact(at_ms=s.now)
    s.contacts[call.contact] = contact
    if len(s.contacts) > CONTACTS_MAX:
        del s.contacts[next(iter(s.contacts))]
    return contact


# While waiting ----------------------------------------------------------------------------------


def is_patient(s: State, call: Call) -> bool:
    """Tell whether the caller waits for somebody in particular who is at work and busy, and so
    worth waiting for."""
    return call.patient and any(_is_worth_it(s, call, one) for one in call.prefers)


def _is_worth_it(s: State, call: Call, one: Preference) -> bool:
    assert call.queue is not None
    line = s.lines[call.queue]
    if one.agent is not None:
        agent = s.agents.get(one.agent)
        return agent is not None and agent.state in BUSY and call.queue in agent.queues
    assert one.skill is not None
    return any(pool.shelves[one.skill].busy for pool in line.pools if one.skill in pool.shelves)


def place(s: State, line: Line, call: Call) -> None:
    """Put a patient caller where whoever they want will look."""
    if call.place and call.standing is None:
        return
    lines.leave_line(s, call)
    call.place = s.next_number("token")
    call.standing = None
    line.waiting += 1
    entry = (lines.due_ms(line.queue, call), call.number, call.place, call.id)
    for one in call.prefers:
        heappush(line.wanted.setdefault(one.key, []), entry)


def keys_of(agent: Agent, pool: Pool) -> Iterator[str]:
    """Yield the keys of ``Line.wanted`` by which callers of the pool's queue may want the agent."""
    yield f"@{agent.id}"
    for skill, _ in agent.profile.skills:
        if skill in pool.shelves:
            yield skill


def most_wanting(s: State, line: Line, key: str) -> Call | None:
    """Return the most urgent of the patient callers who want this, or None."""
    heap = line.wanted.get(key)
    if heap is None:
        return None
    call = lines.most_urgent(s, heap)
    if call is None:
        del line.wanted[key]
    return call


# The choice -------------------------------------------------------------------------------------


def choose(s: State, line: Line, call: Call, tier: int) -> tuple[Preference, Agent, Pool] | None:
    """Return the free agent whom the caller would rather have, and why, in the order of the
    preferences."""
    for one in call.prefers:
        found = _find(s, line, one, tier)
        if found is not None:
            return (one, *found)
    return None


def _find(s: State, line: Line, one: Preference, tier: int) -> tuple[Agent, Pool] | None:
    if one.agent is not None:
        agent = s.agents.get(one.agent)
        if agent is not None and agent.free_token:
            for pool in agent.pools:
                if pool.queue == line.queue.id and pool.tier <= tier:
                    return agent, pool
        return None
    assert one.skill is not None
    for pool in line.pools[: tier + 1]:
        shelf = pool.shelves.get(one.skill)
        while shelf is not None and shelf.agents:
            entry = shelf.agents[0]
            agent = s.agents.get(entry[3])
            if agent is not None and agent.free_token == entry[2]:
                return agent, pool
            heappop(shelf.agents)
    return None
