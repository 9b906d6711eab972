"""The service, or Asterisk, dies while a case is being played: A is on the way to the rescue room,
120 rings, a second phone is picked up (E03, E05, E10, E14–E16, T18)."""

import os

import pytest

from acd.simulation.case_lives import CaseLives, StillLives

SEEDS = int(os.environ.get("HULING_LIVES", "16"))
DEATHS = 4


@pytest.mark.parametrize("seed", range(SEEDS))
def test_everybody_hears_whom_they_should_after_the_service_has_died(seed: int) -> None:
    """Who is with the caller, aside, or at the music is so again; rescue that was wanted is
    reached, rings or is owed; nothing is owed twice; and in the end nothing is left."""
    lives = CaseLives(seed)
    lives.run(DEATHS)
    assert lives.epoch > 1
    assert lives.world.cases, "nobody has opened a case"


@pytest.mark.parametrize("seed", [102, 118])
def test_a_channel_that_asterisk_has_kept_takes_no_agent_from_a_caller(seed: int) -> None:
    """The agent had hung up there, which nobody had heard, and talked with somebody else by now:
    the older channel was taken up first, and the caller was put back in the line (T18)."""
    CaseLives(seed).run(DEATHS)


def test_who_is_found_in_another_call_is_not_b_any_more() -> None:
    """Seed 156: an agent was remembered in the conversation of a case and found in another call,
    and nobody was looked for to be B instead (E14)."""
    CaseLives(156).run(DEATHS)


def test_a_tone_that_began_as_the_service_died_is_ended() -> None:
    """Seed 443: the ring-back tone had begun less than 20 ms before, no memo told of it, and it
    went on for ever: the agent did not hear 120 (E03, E05)."""
    CaseLives(443).run(6)


@pytest.mark.parametrize("seed", [9006, 26015, *range(SEEDS // 4)])
def test_nobody_meets_busy_when_the_service_has_stood_still(seed: int) -> None:
    """Seed 9006: a duty phone was dialled for the next caller while its line for one whom the
    dialplan had taken was still being ended (C01).  Seed 26015: 120 was left alone (E10)."""
    StillLives(seed).run(DEATHS)
