"""Observations and starts as data, so that a program that knows nothing of our tasks can compute them too."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.task import Readings

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


class Source(StrEnum):
    """Where a number of an observation comes from."""

    QPOS = "qpos"
    COS_QPOS = "cos_qpos"
    """Cosine of a position."""
    SIN_QPOS = "sin_qpos"
    """Sine of a position."""
    QVEL = "qvel"
    SENSORDATA = "sensordata"


@dataclass(frozen=True, slots=True)
class ObservationTerm:
    """One number of an observation."""

    source: Source
    index: int
    """Column of the source."""
    unit: str
    """Such as `m` or `rad/s`; `1` for a pure number."""
    clip: tuple[float, float] | None = None
    """Least and most, in the unit; None for no limits."""

    def __post_init__(self) -> None:
        if self.index < 0:
            raise ValueError(f"an observation term's index is 0 or more, found {self.index}")
        if self.clip is not None and not self.clip[0] < self.clip[1]:
            raise ValueError(f"an observation term is clipped to (least, most), found {self.clip}")


@dataclass(frozen=True, slots=True)
class UniformStart:
    """A start drawn uniformly about a centre: first all positions, then all velocities."""

    qpos_centre: tuple[float, ...]
    """(nq,) metres and radians."""
    qpos_noise: tuple[float, ...]
    """(nq,) half widths."""
    qvel_centre: tuple[float, ...]
    """(nv,) per second."""
    qvel_noise: tuple[float, ...]
    """(nv,) half widths."""

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """`n` starts: qpos (n, nq), qvel (n, nv)."""
        return _about(rng, self.qpos_centre, self.qpos_noise, n), _about(rng, self.qvel_centre, self.qvel_noise, n)


def observe_with(recipe: tuple[ObservationTerm, ...], readings: "Readings") -> Singles:
    """Observations (n, nobs) of `readings`, column k after term k.

    Each is computed in double precision and then rounded, as `Task.observe` does.
    """
    observations = np.empty((len(readings.qpos), len(recipe)), np.float32)
    for column, term in enumerate(recipe):
        values = _read(term, readings)
        observations[:, column] = values if term.clip is None else np.clip(values, *term.clip)
    return observations


def _read(term: ObservationTerm, readings: "Readings") -> Floats:
    """(n,) the term's numbers, not yet clipped."""
    match term.source:
        case Source.QPOS:
            return readings.qpos[:, term.index]
        case Source.COS_QPOS:
            return np.cos(readings.qpos[:, term.index])
        case Source.SIN_QPOS:
            return np.sin(readings.qpos[:, term.index])
        case Source.QVEL:
            return readings.qvel[:, term.index]
        case Source.SENSORDATA:
            return readings.sensordata[:, term.index]


def _about(rng: np.random.Generator, centre: tuple[float, ...], noise: tuple[float, ...], n: int) -> Floats:
    half = np.asarray(noise)
    return np.asarray(centre) + rng.uniform(-half, half, (n, len(noise)))
