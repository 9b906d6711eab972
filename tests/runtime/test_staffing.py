"""Which phones speak TLS and SRTP, when phones do: all but the robot's (L2, T18)."""

from acd.adapters.postgres.callers import Callers
from acd.adapters.postgres.directory import Directory, Phone
from acd.core.directory import Agent, Seat
from acd.core.directory_diff import Staffing
from acd.core.ids import AgentId, PhoneId, SeatId
from acd.runtime.staffing import sip_accounts


def directory(*agents: str) -> Directory:
    """A directory in which each of these agents has a seat with a phone."""
    return Directory(
        revision=1,
        staffing_revision=1,
        callers_revision=1,
        staffing=Staffing(
            queues={},
            entries={},
            agents={AgentId(one): Agent(id=AgentId(one), name=one, skills=()) for one in agents},
            seats={
                SeatId(f"s{one}"): Seat(
                    id=SeatId(f"s{one}"), phones=(PhoneId(f"a{one}"),), agent=AgentId(one)
                )
                for one in agents
            },
        ),
        trunks={},
        phones={
            PhoneId(f"a{one}"): Phone(
                id=PhoneId(f"a{one}"), seat=SeatId(f"s{one}"), password="secret"
            )
            for one in agents
        },
        callers=Callers({}, []),
    )


def secure(secure_but: str | None) -> dict[str, bool]:
    _, phones = sip_accounts(directory("8001", "8099"), secure_but)
    return {phone.name: phone.secure for phone in phones}


def test_the_robot_stays_in_the_clear_on_its_own_machine() -> None:
    assert secure("8099") == {"a8001": True, "a8099": False}


def test_without_a_certificate_all_do() -> None:
    assert secure(None) == {"a8001": False, "a8099": False}
