"""The living things of the switch: plain records that the handlers change.

Each holds one ``state`` of its table in ``tables`` and the facts that state cannot tell.  A
record is changed only by the handlers of its kind; nothing here decides anything.  Times are
epoch milliseconds.  They are kept by procedure, in modules named like the rooms of
``acd.core``; everybody else imports them from here.
"""

from acd.core.entities.call_control import *
from acd.core.entities.calls import *
from acd.core.entities.emergency import *
from acd.core.entities.outside import *
from acd.core.entities.queueing import *
from acd.core.entities.self_service import *
from acd.core.entities.staff import *
