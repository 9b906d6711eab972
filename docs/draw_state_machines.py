"""Draw docs/state-machines.md from the core's tables: ``python -m docs.draw_state_machines``.

A test fails when the page is stale.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from acd.core.tables import (
    TABLES,
    AgentState,
    CallState,
    CaseState,
    DeskState,
    DialogueState,
    DialState,
    Ignore,
    LegState,
    ObligationState,
    OfferState,
    PartyState,
    RoomState,
    SilenceState,
    Table,
    TransferState,
)

PAGE = Path(__file__).with_name("state-machines.md")

BEGINS: dict[str, tuple[StrEnum, ...]] = {
    "call": (CallState.WAITING,),
    "leg": (LegState.DIALLING, LegState.RINGING),
    "offer": (OfferState.DIALLING,),
    "agent": (AgentState.LOGGED_OUT,),
    "dial": (DialState.DIALLING,),
    "obligation": (ObligationState.OWED,),
    "case": (CaseState.OPEN,),
    "party": (PartyState.DIALLING,),
    "transfer": (TransferState.RINGING,),
    "room": (RoomState.EMPTY,),
    "desk call": (DeskState.DIALLING, DeskState.ASKING, DeskState.CONFIRMING),
    "dialogue": (DialogueState.LISTENING,),
    "silence": (SilenceState.FIRST_WINDOW,),
}
"""Where each kind of entity begins.  A leg that we dial is dialling, a caller's is ringing when
we hear of it; only *62 without its digit asks."""

OPENING = """\
# State machines

Drawn from `acd/core/tables` by `python -m docs.draw_state_machines`; do not edit.

Each table has an answer for every event in every state. **Bold** is the state that follows.
*Italics* is a named ignore: the event is harmless there and is counted under that name. An empty
cell is illegal: our own bug, which raises in tests; in production it becomes a defect, the call
goes to the dialplan's fallback and everyone else is served on.
"""


def terminal(table: Table[Any, Any]) -> list[StrEnum]:
    """Return the states that nothing leaves."""
    left = {state for state, _, after in table.moves() if state is not after}
    return [state for state in table.states if state not in left]


def draw() -> str:
    """Return the whole page."""
    return "\n".join([OPENING, *(line for table in TABLES for line in _section(table))])


def _section(table: Table[Any, Any]) -> Iterator[str]:
    yield f"## {table.name.capitalize()}"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in BEGINS[table.name]:
        yield f"    [*] --> {_identifier(state)}"
    for state, event, after in table.moves():
        yield f"    {_identifier(state)} --> {_identifier(after)}: {event}"
    for state in terminal(table):
        yield f"    {_identifier(state)} --> [*]"
    yield "```"
    yield ""
    yield _row(["", *(str(event) for event in table.events)])
    yield _row(["---"] * (1 + sum(1 for _ in table.events)))
    for state in table.states:
        yield _row([f"**{state}**", *(_cell(table, state, event) for event in table.events)])
    yield ""


def _cell(table: Table[Any, Any], state: StrEnum, event: StrEnum) -> str:
    cell = table.cell(state, event)
    if cell is None:
        return ""
    return f"*{cell}*" if isinstance(cell, Ignore) else f"**{cell}**"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _identifier(state: StrEnum) -> str:
    return str(state).replace(" ", "_")


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
