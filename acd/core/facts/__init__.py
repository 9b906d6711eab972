"""What has happened, as decided here: the only source of records, metrics and reports.

A fact is written once and never changed.  Each carries ``at_ms`` (epoch milliseconds); durations
are milliseconds.  Rows in PostgreSQL are projections of these, and so are the metrics.

They are kept by procedure, in modules named like the rooms of ``acd.core``.  Everybody else imports
them from here.
"""

from acd.core.facts.call_control import *
from acd.core.facts.calls import *
from acd.core.facts.devices import *
from acd.core.facts.emergency import *
from acd.core.facts.follow_up import *
from acd.core.facts.outside import *
from acd.core.facts.queueing import *
from acd.core.facts.resync import *
from acd.core.facts.self_service import *
from acd.core.facts.staff import *
from acd.core.facts.switch import *

Fact = (
    CallFact
    | QueueingFact
    | StaffFact
    | CallControlFact
    | SelfServiceFact
    | OutsideFact
    | FollowUpFact
    | EmergencyFact
    | DeviceFact
    | ResyncFact
    | SwitchFact
)
