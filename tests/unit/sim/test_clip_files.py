"""Clips on disk: what is read is what was written, or one sentence says why not."""

import copy
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from sim.clip import Clip, load_clip, save_clip
from sim.errors import ClipError


def rewrite(path: Path, clip: Clip, meta: dict[str, str] | None = None, **tensors: np.ndarray | None) -> None:
    """Writes the file again with other contents; None leaves a tensor out."""
    save_clip(clip, path)
    with safe_open(path, framework="numpy") as file:
        header = file.metadata() | (meta or {})
        arrays = {name: file.get_tensor(name) for name in file.keys()} | tensors  # noqa: SIM118 - no mapping
    save_file({name: array for name, array in arrays.items() if array is not None}, path, header)


def refusal(path: Path, task) -> str:
    """The sentence with which the file is refused."""
    with pytest.raises(ClipError) as caught:
        load_clip(path, task)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert path.name in message
    return message


def test_round_trip(task, clip, tmp_path):
    path = tmp_path / "a.clip"
    save_clip(clip, path)
    read = load_clip(path, task)
    for name in ("states", "observations", "actions"):
        assert np.array_equal(getattr(read, name), getattr(clip, name)), name
        assert getattr(read, name).dtype == getattr(clip, name).dtype
    assert (read.task, read.model_hash, read.iteration, read.origin) == (clip.task, clip.model_hash, 7, clip.origin)
    assert read.control_dt == clip.control_dt
    assert [file.name for file in tmp_path.iterdir()] == ["a.clip"]


def test_arrays_are_read_only(clip):
    with pytest.raises(ValueError, match="read-only"):
        clip.states[0, 0] = 1.0


def test_length_in_seconds(clip):
    assert clip.seconds == pytest.approx(12 * 0.016)


def test_missing(task, tmp_path):
    refusal(tmp_path / "none.clip", task)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_truncated(task, clip, tmp_path, keep):
    path = tmp_path / "short.clip"
    save_clip(clip, path)
    path.write_bytes(path.read_bytes()[:keep])
    refusal(path, task)


def test_another_model(task, clip, tmp_path):
    path = tmp_path / "foreign.clip"
    rewrite(path, clip, meta={"model_hash": "0" * 64})
    assert "another model" in refusal(path, task)


def test_another_task(task, clip, tmp_path):
    path = tmp_path / "foreign.clip"
    rewrite(path, clip, meta={"task": "cheetah"})
    assert "cheetah" in refusal(path, task)


def test_newer_format(task, clip, tmp_path):
    path = tmp_path / "newer.clip"
    rewrite(path, clip, meta={"format": "99"})
    assert "99" in refusal(path, task)


@pytest.mark.parametrize(
    "header", [{"control_dt": "fast"}, {"control_dt": "nan"}, {"iteration": "x"}, {"origin": "[]"}]
)
def test_damaged_header(task, clip, tmp_path, header):
    path = tmp_path / "header.clip"
    rewrite(path, clip, meta=header)
    assert "header" in refusal(path, task)


@pytest.mark.parametrize("name", ["states", "observations", "actions"])
def test_not_finite(task, clip, tmp_path, name):
    path = tmp_path / "nan.clip"
    array = getattr(clip, name).copy()
    array[3, 1] = np.nan
    rewrite(path, clip, **{name: array})
    assert name in refusal(path, task)


@pytest.mark.parametrize("name", ["states", "observations", "actions"])
def test_wrong_shapes(task, clip, tmp_path, name):
    path = tmp_path / "shape.clip"
    array = getattr(clip, name)
    for wrong in (np.ascontiguousarray(array[:, :-1]), array[0].copy(), array[:5].copy(), array[:0].copy()):
        rewrite(path, clip, **{name: wrong})
        refusal(path, task)


def test_wrong_number_type(task, clip, tmp_path):
    path = tmp_path / "type.clip"
    rewrite(path, clip, states=clip.states.astype(np.float32))
    assert "float32" in refusal(path, task)


def test_missing_array(task, clip, tmp_path):
    path = tmp_path / "part.clip"
    rewrite(path, clip, actions=None)
    assert "actions" in refusal(path, task)


def test_an_unequal_clip_cannot_be_made(clip):
    with pytest.raises(ClipError):
        copy.replace(clip, actions=clip.actions[:5]) if hasattr(copy, "replace") else Clip(
            clip.task, clip.model_hash, clip.control_dt, clip.states, clip.observations, clip.actions[:5]
        )
