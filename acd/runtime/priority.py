"""Who goes first on a busy machine: the kernel is told that calls do.

A decision takes less than half a millisecond, and waits longer than that for its turn when reports,
backups and compressions are on the same processors.  ``nice`` makes such waits rarer; the real-time
class ends them: who has it runs as soon as there is something to do.  Asterisk gives itself the
same class (``highpriority`` in asterisk-conf/asterisk.conf), one step below ours, since its threads
would else keep us from the decisions that they wait for.
"""

import os

from acd.runtime.logs import logger

log = logger(__name__)

REAL_TIME_PRIORITY = 11
"""Of 1 to 99; Asterisk's own is 10 and cannot be set."""


def go_first(nice: int) -> None:
    """Have the kernel prefer us (setpriority(2)); what we start inherits it."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    except PermissionError:
        log.warning("The priority cannot be raised without the right to; going on.", nice=nice)


def go_in_real_time() -> None:
    """Put the calling thread, and nothing that it starts from now on, into the kernel's real-time
    class.  Without the right to (CAP_SYS_NICE, or LimitRTPRIO of systemd), one line says so."""
    try:
        os.sched_setscheduler(
            0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(REAL_TIME_PRIORITY)
        )
    except PermissionError:
        log.warning(
            "Calls have no real-time priority, as the right to it is missing (CAP_SYS_NICE): on a "
            "busy machine they wait. HULING_REALTIME=no says that this is meant.",
            priority=REAL_TIME_PRIORITY,
        )


def go_as_usual() -> None:
    """Leave the real-time class: what a later life of the process starts begins as it did first."""
    usual = os.sched_param(0)
    try:
        os.sched_setscheduler(0, os.SCHED_OTHER, usual)
    except PermissionError:
        # Whoever had no right to the class has not left it either, and may not take the flag away.
        os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, usual)
