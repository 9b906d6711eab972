"""State tables: which event may meet which state, and what comes of it.

Two rules hold here and wherever a state is changed.  First, the table is asked before
anything is touched, so that a refused event leaves nothing changed.  Second, every cell of
state × event is one of three things: a *move* to a state, a *named ignore* (harmless where it
comes, and counted under that name), or *illegal*, which is our own bug.  There is no fourth.

Tables say whether; the functions in ``calls``, ``agents``, ``desk`` say what.  The diagrams in
``docs/state-machines.md`` are drawn from these tables and cannot go stale.

An event from outside may find its entity gone; that is not a cell but an unknown key, and is
counted as such by whoever looked it up.

To look up a member of an enumeration takes Python 3.11 six times as long as a global name.  Those
that are asked after in nearly every step are looked up once, as constants of the module that asks.

They are kept by procedure, in modules named like the rooms of ``acd.core``; everybody else imports
them from here.
"""

from enum import StrEnum

from acd.core.tables.call_control import *
from acd.core.tables.calls import *
from acd.core.tables.emergency import *
from acd.core.tables.follow_up import *
from acd.core.tables.outside import *
from acd.core.tables.queueing import *
from acd.core.tables.self_service import *
from acd.core.tables.staff import *
from acd.core.tables.table import *

TABLES: tuple[Table[StrEnum, StrEnum], ...] = (
    CALL,
    LEG,
    OFFER,
    AGENT,
    DIAL,
    OBLIGATION,
    CASE,
    PARTY,
    TRANSFER,
    ROOM,
    DESK,
    DIALOGUE,
    SILENCE,
)  # type: ignore[assignment]
