"""What goes wrong in one run, and how badly: swarm-tuned from its seed.

Each run switches a random part of the faults on, each with a strength of its own: faults that hide
each other when all are always on show themselves where some are missing (Groce et al., *Swarm
Testing*, 2012).
"""

from dataclasses import dataclass, fields, replace
from random import Random

SHARE_ON = 0.5
"""Of the faults, in one run."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """Shares are 0 to 1, rates are per minute; 0 is off."""

    # The link and Asterisk.
    slow_ms: int = 3
    """A word or a request takes up to twice as long."""
    stalls: float = 0.0
    """Share of words and requests that take some seconds instead."""
    refusals: float = 0.0
    """Share of requests that fail."""
    echoes: float = 0.0
    """Share of words that are heard twice."""
    cuts: float = 0.0
    """Breaks of the link, each for some seconds."""
    restarts: float = 0.0
    """Asterisk dies and comes back."""
    sticks: float = 0.0
    """Channels that Asterisk keeps, whatever is asked of them, after their far end has gone."""

    # The service's machine.
    freezes: float = 0.0
    """The process is stopped, for up to half a minute, and goes on late for everything."""
    clock_steps: float = 0.0
    """Share of steps for which the clock has been set back by up to a minute."""

    # People and phones.
    misses: float = 0.05
    rejections: float = 0.0
    """Shares of rings that nobody answers, or that are refused or fail."""
    early_ends: float = 0.0
    """Share of conversations that the agent ends."""
    impatience: float = 0.2
    """Share of callers who leave within half a minute unless somebody talks to them."""
    phone_changes: float = 0.0
    requests: float = 1.0
    codes: float = 1.0
    controls: float = 1.0
    keys: float = 0.5
    speech: float = 1.0
    """Noise and silence on phones, at any moment."""
    colleagues: float = 0.5
    """Consultations, transfers and conferences, as people do them."""
    supervision: float = 0.5
    """Supervisors who listen, barge in, take over, or put an agent into a state."""
    steering: float = 0.5
    """Supervisors who decide about a caller."""
    nonsense: float = 0.0

    # The shift leader.
    edits: float = 0.0
    """Changes of the directory while calls go on."""
    repairs: float = 1.0
    """The directory is put back and everybody is sent to work."""
    calls: float = 8.0


CALM = Weather(
    misses=0.0, impatience=0.0, requests=0.0, codes=0.0, controls=0.0, keys=0.0, speech=0.0,
    colleagues=0.0, supervision=0.0, steering=0.0, repairs=0.0,
    calls=0.0,
)  # fmt: skip

_WORST = {
    "slow_ms": 400,
    "stalls": 0.05,
    "refusals": 0.1,
    "echoes": 0.2,
    "cuts": 2.0,
    "restarts": 0.7,
    "sticks": 3.0,
    "freezes": 1.0,
    "clock_steps": 0.2,
    "misses": 0.5,
    "rejections": 0.4,
    "early_ends": 0.5,
    "impatience": 0.8,
    "phone_changes": 8.0,
    "requests": 20.0,
    "codes": 10.0,
    "controls": 20.0,
    "keys": 10.0,
    "speech": 20.0,
    "colleagues": 12.0,
    "supervision": 12.0,
    "steering": 12.0,
    "nonsense": 10.0,
    "edits": 6.0,
    "repairs": 6.0,
    "calls": 40.0,
}


def weather_of(chance: Random) -> Weather:
    """Draw the weather of one run: every fault in turn, so that the same seed gives the same."""
    drawn = Weather()
    for field in fields(Weather):
        is_on, strength = chance.random() < SHARE_ON, chance.random()
        if is_on:
            worst = _WORST[field.name]
            value = worst * strength
            kind = type(getattr(drawn, field.name))
            drawn = replace(drawn, **{field.name: kind(value) if kind is float else 1 + int(value)})
    return drawn
