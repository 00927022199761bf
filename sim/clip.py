"""A clip: a recorded stretch of simulation as physics states, never pixels."""

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sim.beside import new_part
from sim.errors import ClipError
from sim.task import Floats, Singles, Task

FORMAT = 1


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
        length = len(self.states)
        if length == 0 or len(self.observations) != length or len(self.actions) != length:
            raise ClipError(
                f"A clip needs the same number of states, observations and actions, at least one; found {length}, "
                f"{len(self.observations)} and {len(self.actions)}."
            )
        for name in ("states", "observations", "actions"):
            array = getattr(self, name)
            if not np.isfinite(array).all():
                raise ClipError(f"A clip's {name} must be finite.")
            array.flags.writeable = False

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
        with safe_open(path, framework="numpy") as file:
            meta = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in ("states", "observations", "actions")}
    except FileNotFoundError as error:
        raise ClipError(f"No clip at '{path}'.") from error
    except (SafetensorError, OSError) as error:
        raise ClipError(f"'{path}' is no readable clip: {error}.") from error
    if meta.get("format") != str(FORMAT):
        raise ClipError(f"'{path}' has clip format {meta.get('format')}, wanted {FORMAT}.")
    if meta.get("task") != task.name or meta.get("model_hash") != task.model_hash:
        raise ClipError(f"'{path}' was recorded with another model of task '{meta.get('task')}'; wanted '{task.name}'.")
    wanted = {
        "states": (task.state_size, np.float64),
        "observations": (task.observation_size, np.float32),
        "actions": (task.action_size, np.float32),
    }
    for name, (width, kind) in wanted.items():
        array = arrays[name]
        if array.ndim != 2 or array.shape[1] != width:
            raise ClipError(f"'{path}': {name} have shape {array.shape}, wanted (frames, {width}).")
        if array.dtype != kind:
            raise ClipError(f"'{path}': {name} are {array.dtype}, wanted {np.dtype(kind)}.")
    try:
        control_dt, iteration, origin = float(meta["control_dt"]), int(meta["iteration"]), json.loads(meta["origin"])
    except (KeyError, ValueError) as error:
        raise ClipError(f"'{path}' has a damaged header: {error}.") from error
    if not (isinstance(origin, dict) and 0.0 < control_dt < float("inf")):
        raise ClipError(f"'{path}' has a damaged header: control_dt {control_dt}, origin {meta['origin']}.")
    recorded = arrays["states"], arrays["observations"], arrays["actions"]
    try:
        return Clip(task.name, task.model_hash, control_dt, *recorded, iteration, origin)
    except ClipError as error:
        raise ClipError(f"'{path}': {error}") from error
