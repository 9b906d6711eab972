"""What has happened, in the past tense: the only things that change the core.

Three origins: the switch (legs, rooms, playbacks, phones), persons (requests), and the directory.
The same structs are what the journal keeps, so a field once published keeps its meaning.
Times are epoch milliseconds; durations are milliseconds.

They are kept by procedure, in modules named like the rooms of ``acd.core``.  Everybody else imports
them from here.
"""

from acd.core.events.call_control import *
from acd.core.events.calls import *
from acd.core.events.devices import *
from acd.core.events.directory import *
from acd.core.events.emergency import *
from acd.core.events.follow_up import *
from acd.core.events.outside import *
from acd.core.events.resync import *
from acd.core.events.self_service import *
from acd.core.events.staff import *
from acd.core.events.switch import *

Request = (
    StaffRequest
    | ControlRequested
    | SupervisionRequested
    | SupervisionEndRequested
    | RatingGiven
    | CallRequested
    | ObligationRequested
    | CallbackRequested
    | CaseRequested
    | ReportHandedIn
    | TerminalTestNoted
)
"""Asked for by a person, who gets a reply."""

Event = (
    CallEvent
    | StaffEvent
    | CallControlEvent
    | SelfServiceEvent
    | OutsideEvent
    | FollowUpEvent
    | EmergencyEvent
    | DeviceEvent
    | ResyncEvent
    | DirectoryChange
    | SwitchEvent
)
