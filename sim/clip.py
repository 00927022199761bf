"""A clip: a recorded stretch of simulation as physics states, never pixels."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from sim.beside import new_part
from sim.checks import finite_array
from sim.errors import ClipError, InputError, one_line
from sim.task import Floats, Singles, Task
from sim.untrusted import MIB, UntrustedError, parse_json, read_tensors

FORMAT = 1
SIZE_LIMIT = 64 * MIB
"""Bytes of a clip's file; ours have some kilobytes."""
ARRAYS = {"states": "F64", "observations": "F32", "actions": "F32"}
"""In a clip's file, with their types in the words of safetensors."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """`T` frames; frame `t` is what `actions[t]` led to."""

    task: str
    """Name of the task."""
    model_hash: str
    """SHA-256 of the task's MJCF text."""
    control_dt: float
    """Seconds from frame to frame."""
    states: Floats
    """(T, nstate) mjSTATE_FULLPHYSICS rows."""
    observations: Singles
    """(T, nobs) of the same instants."""
    actions: Singles
    """(T, nu) that led there, as applied, in [-1, 1]."""
    iteration: int = 0
    """The trainer's iteration at which it was recorded."""
    origin: dict[str, str | int | float] = field(default_factory=dict)
    """Where it comes from (generation, start), for the curious; never used by a learner."""

    def __post_init__(self) -> None:
        for name in ("states", "observations", "actions"):
            try:
                array = finite_array(f"A clip's {name}", getattr(self, name), ("T", "n"))
            except InputError as error:
                raise ClipError(str(error)) from error
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        length = len(self.states)
        if length == 0 or len(self.observations) != length or len(self.actions) != length:
            raise ClipError(
                f"A clip needs the same number of states, observations and actions, at least one; found {length}, "
                f"{len(self.observations)} and {len(self.actions)}."
            )

    def __reduce__(self) -> tuple[object, ...]:
        """Sent to another process it is made anew there: checked, and not to be written to."""
        return Clip, tuple(getattr(self, item.name) for item in fields(self))

    def __len__(self) -> int:
        return len(self.states)

    @property
    def seconds(self) -> float:
        """Length in seconds of simulation."""
        return len(self) * self.control_dt


def save_clip(clip: Clip, path: Path) -> None:
    """Writes `clip` as safetensors, beside `path` and then in its place.

    Raises:
        OSError, SafetensorError: it could not be written.
    """
    meta = {
        "format": str(FORMAT),
        "task": clip.task,
        "model_hash": clip.model_hash,
        "control_dt": repr(clip.control_dt),
        "iteration": str(clip.iteration),
        "origin": json.dumps(clip.origin),
    }
    tensors = {"states": clip.states, "observations": clip.observations, "actions": clip.actions}
    beside = new_part(path)
    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, beside, meta)
    os.replace(beside, path)


def load_clip(path: Path, task: Task) -> Clip:
    """Reads a clip of `task`.

    Raises:
        ClipError: the file is missing, truncated, of another task or model, or its contents do not fit.
    """
    try:
        arrays, meta = read_tensors(path, SIZE_LIMIT, set(ARRAYS.values()))
    except FileNotFoundError as error:
        raise ClipError(f"No clip at '{path}'.") from error
    except UntrustedError as error:
        raise ClipError(str(error)) from error
    except OSError as error:
        raise ClipError(f"'{path}' is no readable clip: {error.strerror or error}.") from error
    if meta.get("format") != str(FORMAT):
        raise ClipError(f"'{path}' has clip format {str(meta.get('format'))[:60]!r}, wanted {FORMAT}.")
    if meta.get("task") != task.name or meta.get("model_hash") != task.model_hash:
        raise ClipError(
            f"'{path}' was recorded with another model of task {str(meta.get('task'))[:60]!r}; wanted '{task.name}'."
        )
    try:
        control_dt, iteration, origin = float(meta["control_dt"]), int(meta["iteration"]), parse_json(meta["origin"])
    except (KeyError, ValueError) as error:
        raise ClipError(f"'{path}' has a damaged header: {one_line(error)}.") from error
    if not (isinstance(origin, dict) and 0.0 < control_dt < float("inf")):
        raise ClipError(f"'{path}' has a damaged header: control_dt {control_dt}, origin {meta['origin'][:60]!r}.")
    try:
        return Clip(task.name, task.model_hash, control_dt, *checked_arrays(arrays, task), iteration, origin)
    except (ClipError, ValueError) as error:
        raise ClipError(f"'{path}': {one_line(error)}.") from error


def checked_arrays(arrays: Mapping[str, np.ndarray], task: Task) -> tuple[Floats, Singles, Singles]:
    """A clip's states, observations and actions out of arrays that were read.

    Args:
        arrays: by the names in `ARRAYS`; others are left out.
        task: whose sizes they must have.

    Raises:
        ValueError: one is missing, or has another shape or type; says which.
    """
    wanted = {
        "states": (task.state_size, np.float64),
        "observations": (task.observation_size, np.float32),
        "actions": (task.action_size, np.float32),
    }
    for name, (width, kind) in wanted.items():
        if name not in arrays:
            raise ValueError(f"it has no {name}")
        array = arrays[name]
        if array.ndim != 2 or array.shape[1] != width:
            raise ValueError(f"{name} have shape {array.shape}, wanted (frames, {width})")
        if array.dtype != kind:
            raise ValueError(f"{name} are {array.dtype}, wanted {np.dtype(kind)}")
    return arrays["states"], arrays["observations"], arrays["actions"]
