"""What people dial and press, and how they refuse: rightly, wrongly, and at random."""

from acd.core.directory import Contact, ContactKind
from acd.core.events import Control, Hangup
from acd.simulation.shift import AGENTS

CODES = ("*668001", "*678012", "*60", "*61", "*62", "*621", "*63", "*64", "*69", "*99")
DIALLED = ("95001", "95001", "95001", "95002", "95002", "95003", "95003", "95009", "4711")
KEYS = ("1", "1", "2", "3", "4", "5", "0", "9", "#", "*")
NAMED = (*AGENTS, "8099", "8090", "8999")
"""To whom a supervisor gives a call: those who have not its skills are mostly free."""
TARGETS = (*AGENTS, "95001", "95002", "8999", "4711", "")
"""Whom a call may be given to, and whom not."""
SECOND_DIALLED = ("8090", "8090", "8090", *AGENTS, "95001", "913900000001", "*61")
"""What a phone dials on its second line: mostly whoever is mostly free."""
CONTROLS: tuple[tuple[Control | None, str], ...] = (
    (None, "*10"),
    (None, "*10"),
    (None, "*1*10"),
    (None, "*77"),
    (Control.HOLD, ""),
    (Control.RESUME, ""),
    (None, "*11N#"),
    (None, "*12N#"),
    (None, "*13"),
    (None, "*14"),
    (None, "*15"),
    (Control.TRANSFER, "N"),
    (Control.CONSULT, "N"),
    (Control.CONSULT, "N"),
    (Control.COMPLETE, ""),
    (Control.JOIN, ""),
    (Control.JOIN, ""),
    (Control.BACK, ""),
    (None, "*161#"),
    (Control.LOUDER, ""),
    (Control.SOFTER, ""),
    (Control.OUTCOME, "01"),
    (None, "*2099"),
    (None, "*30"),
    (Control.RESPONDED, ""),
    (Control.CASE, ""),
    (None, "*90"),
    (None, "*90"),
    (None, "*911#"),
    (Control.RESCUE, "4"),
    (Control.RESCUE, "01380000009"),
    (Control.RESCUE, ""),
    (Control.RESCUE_BESIDE, "4"),
    (None, "*991#"),
    (Control.RETURN, ""),
    (None, "*92"),
    (Control.MERGE, ""),
    (Control.SPLIT, ""),
    (Control.PRIVATE, ""),
    (None, "*95"),
    (Control.FAN_OUT, ""),
    (Control.SAFE, ""),
    (Control.HELP_ARRIVED, ""),
)
"""What is done with a call: keys pressed, or an action and its digits; N is one of TARGETS."""
CONTACTS = (
    Contact(ContactKind.RELATIVE, "013900000001"),
    Contact(ContactKind.COMMITTEE, "02166660000"),
)
REASONS = ("rest", "paperwork", "meal")
REFUSALS = (
    Hangup.BUSY,
    Hangup.REJECTED,
    Hangup.NO_ANSWER,
    Hangup.UNREACHABLE,
    Hangup.FAILED,
    Hangup.NORMAL,
)
