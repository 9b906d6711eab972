"""What sensors, a UPS or the house's own monitoring say of the room (X07): taken in and shown.

A sensor tells its value every so often by one request; the newest is kept in memory and is a figure
for Prometheus, where its limits are (docker/prometheus/alerts.rules.yml).  One that falls silent is
told by the age of its last word.
"""

import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, HTTPException
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import Asker, needs
from acd.core.roles import Right
from acd.desk.models import NOT_NOW
from acd.runtime.logs import logger

log = logger(__name__)

SENSORS_MAX = 100
"""A metric has no more labels than these."""


class Kind(StrEnum):
    """What is measured, and in which unit."""

    TEMPERATURE = "temperature"
    """°C; the room has 19 to 25."""
    HUMIDITY = "humidity"
    """% relative; 40 to 60."""
    MAINS = "mains"
    """1: there is power; 0: the UPS holds it."""
    BATTERY = "battery"
    """Minutes that the UPS lasts."""
    WATER = "water"
    """1: there is water where none belongs."""
    SMOKE = "smoke"
    """1: there is smoke."""


class Reading(BaseModel):
    """One word of a sensor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sensor: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
    kind: Kind
    value: Annotated[float, Field(ge=-100, le=100_000, allow_inf_nan=False)]


class Environment(Collector):
    """The newest word of each sensor."""

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        """``now_s`` is epoch seconds."""
        self._now_s = now_s
        self._said: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, reading: Reading) -> bool:
        """Keep it; False when there are too many sensors already."""
        key = (reading.kind.value, reading.sensor)
        if key not in self._said:
            if len(self._said) >= SENSORS_MAX:
                return False
            log.info("A sensor speaks for the first time.", sensor=reading.sensor, kind=key[0])
        self._said[key] = (reading.value, self._now_s())
        return True

    def collect(self) -> Iterable[Metric]:
        values = GaugeMetricFamily(
            "huling_desk_environment", "What a sensor says", labels=["kind", "sensor"]
        )
        times = GaugeMetricFamily(
            "huling_desk_environment_timestamp_seconds",
            "When it said so",
            labels=["kind", "sensor"],
        )
        for key, (value, at) in self._said.items():
            values.add_metric(key, value)
            times.add_metric(key, at)
        yield values
        yield times


def environment_router(environment: Environment) -> APIRouter:
    """The one route by which sensors speak."""
    router = APIRouter(tags=["environment"])

    @router.post(
        "/environment",
        status_code=204,
        dependencies=[needs(Right.ENVIRONMENT)],
        responses={**NOT_NOW},
    )
    async def take(person: Asker, reading: Reading) -> None:
        """What a sensor measures now."""
        del person
        if not environment.take(reading):
            raise HTTPException(
                409, f"There are {SENSORS_MAX} sensors already; restart the desk to forget them."
            )

    return router
