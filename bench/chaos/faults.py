"""The faults: how each begins, how long it stands, how it ends, and what it may cost."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.chaos.view import wait
from bench.chaos.world import World

Act = Callable[[World], None]


@dataclass(frozen=True)
class Fault:
    """One thing that breaks."""

    name: str
    begin: Act
    end: Act
    """Afterwards everything is there again, as far as it is not the service's to see to."""
    stands_s: float
    """Between both; new calls come in this time."""
    long_s: float | None = None
    """The same in the long run of `make chaos`, where it differs."""
    cuts: bool = False
    """The calls' own Asterisk dies: they are cut, each is recorded so and owed a callback."""
    restarts: bool = False
    """The service must be started again afterwards, to be whole for the next fault."""
    open: str = ""
    """What does not hold yet; the tests leave such a fault out, `make chaos` shows it."""
    link: str | None = None
    """Which link has to come up again: only then is the service over it."""
    complaints: tuple[str, ...] = ()
    """What the service's log may complain of meanwhile."""


def _nothing(world: World) -> None:
    del world


def _kill_service(world: World) -> None:
    world.service.server.kill()


def _start_service(world: World) -> None:
    world.start()


def _stop_service(world: World) -> None:
    world.service.server.send(signal.SIGSTOP)


def _go_on(world: World) -> None:
    world.service.server.send(signal.SIGCONT)


def _kill_asterisk(world: World) -> None:
    world.stack.kill("asterisk")


def _restart_asterisk(world: World) -> None:
    world.stack.restart("asterisk")


def _kill_asterisk_unseen(world: World) -> None:
    _stop_service(world)
    _kill_asterisk(world)


def _restart_asterisk_unseen(world: World) -> None:
    _restart_asterisk(world)
    _go_on(world)


def _kill_postgres(world: World) -> None:
    world.stack.kill("postgres")


def _cut_and_go_on(world: World) -> None:
    """What Asterisk has said since it stopped is lost with the links."""
    world.ari_cable.cut()
    world.ami_cable.cut()
    _go_on(world)


def _power_fails(world: World) -> None:
    # What came in the last 0.1 s would stand in the journal alone (docs/reliability.md, "Open").
    wait(lambda: world.metric("huling_records_waiting") == 0, ALL_WRITTEN_S)
    _kill_asterisk(world)
    _kill_service(world)
    _kill_postgres(world)


def _power_is_back(world: World) -> None:
    """PostgreSQL comes last."""
    with ThreadPoolExecutor() as beside:
        started = beside.submit(_start_service, world)
        _restart_asterisk(world)
        _start_postgres(world)
        started.result()


def _end_postgres(world: World) -> None:
    world.stack.postgres.stop()


def _start_postgres(world: World) -> None:
    world.stack.postgres.start()


ALL_WRITTEN_S = 10.0
DATABASE = ("PostgreSQL", "directory cannot be read", "database")

FAULTS = (
    Fault(
        "service killed (kill -9)",
        _kill_service,
        _start_service,
        0.5,
    ),
    Fault(
        "service frozen (SIGSTOP)",
        _stop_service,
        _go_on,
        7.0,
        long_s=20.0,
    ),
    Fault("ARI websocket and requests cut", lambda w: w.ari_cable.cut(), _nothing, 0.5, link="ari"),
    Fault("AMI cut", lambda w: w.ami_cable.cut(), _nothing, 0.5, link="ami"),
    Fault("ARI half open", lambda w: w.ari_cable.hush(), _nothing, 1.0, link="ari"),
    Fault("AMI half open", lambda w: w.ami_cable.hush(), _nothing, 1.0, link="ami"),
    Fault(
        "Asterisk killed and started again",
        _kill_asterisk,
        _restart_asterisk,
        0.5,
        cuts=True,
        link="ari",
    ),
    Fault(
        "Asterisk killed and started again while the service stands still",
        _kill_asterisk_unseen,
        _restart_asterisk_unseen,
        0.5,
        cuts=True,
        link="ari",
    ),
    Fault("PostgreSQL killed", _kill_postgres, _start_postgres, 1.0, complaints=DATABASE),
    Fault(
        "PostgreSQL stands still (SIGSTOP)",
        lambda w: w.signal_postgres(signal.SIGSTOP),
        lambda w: w.signal_postgres(signal.SIGCONT),
        3.0,
        long_s=20.0,
        complaints=DATABASE,
    ),
    Fault(
        "PostgreSQL restarted",
        lambda w: w.stack.restart("postgres"),
        _nothing,
        0.5,
        complaints=DATABASE,
    ),
    Fault("PostgreSQL away", _end_postgres, _start_postgres, 4.0, long_s=60.0, complaints=DATABASE),
    Fault(
        "disk of the journal full",
        lambda w: w.fill_disk(),
        lambda w: w.empty_disk(),
        1.0,
        restarts=True,
        complaints=("The journal of this start ends here",),
    ),
    Fault(
        "wall clock an hour ahead, then an hour behind",
        lambda w: w.step_clock(3600),
        lambda w: w.step_clock(-3600),
        1.0,
        restarts=True,
    ),
    # They seldom come alone.
    Fault(
        "service frozen, both links cut in the moment in which it goes on",
        _stop_service,
        _cut_and_go_on,
        2.0,
        link="ari",
    ),
    Fault(
        "service frozen until the dialplan has the callers, and both links cut",
        _stop_service,
        _cut_and_go_on,
        4.0,
        link="ari",
    ),
    Fault(
        "power gone: Asterisk, service and PostgreSQL killed, and all started at once",
        _power_fails,
        _power_is_back,
        0.5,
        cuts=True,
        link="ari",
        complaints=DATABASE,
    ),
)
