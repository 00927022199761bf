"""Runs that are kept: what is read again, what is not, and a spoilt file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.errors import StorageError
from app.kept_runs import KeptRuns


@dataclass(frozen=True)
class Planted:
    seed: int
    scores: dict[str, float]


def kept(path: Path | None, of: dict[str, Any] | None = None) -> KeptRuns[Planted]:
    return KeptRuns(path, of or {"task": "hopper-hop", "minutes": (1.0, 2.0)}, lambda fields: Planted(**fields))


def test_runs_are_there_again_in_their_order(tmp_path: Path) -> None:
    first = kept(tmp_path / "new" / "runs.json")
    runs = (Planted(3, {"1": 0.1}), Planted(1, {"1": 7.0, "2": 8.5}))
    for run in runs:
        first.add(run)
    assert first.runs == runs
    again = kept(tmp_path / "new" / "runs.json")
    assert again.runs == runs
    assert again.find(seed=1) == again.find(seed=1, scores=runs[1].scores) == runs[1]
    assert again.find(seed=2) is again.find(seed=1, scores={}) is None


def test_a_run_is_measured_once(tmp_path: Path) -> None:
    measured: list[int] = []

    def measure() -> Planted:
        measured.append(len(measured))
        return Planted(4, {"1": float(len(measured))})

    first = kept(tmp_path / "runs.json").find_or(measure, seed=4)
    assert kept(tmp_path / "runs.json").find_or(measure, seed=4) == first == Planted(4, {"1": 1.0})
    assert measured == [0]


def test_runs_of_something_else_are_not_these(tmp_path: Path) -> None:
    kept(tmp_path / "runs.json").add(Planted(0, {}))
    assert kept(tmp_path / "runs.json", {"task": "hopper-hop", "minutes": (1.0,)}).runs == ()


def test_without_a_file_nothing_is_kept() -> None:
    runs = kept(None)
    runs.add(Planted(0, {}))
    assert runs.runs == (Planted(0, {}),)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"of": 1', '{"of": {"task": "hopper-hop", "minutes": [1, 2]}, "runs": [{}]}']
)
def test_a_spoilt_file_is_said_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "runs.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match="remove it to measure all of it anew"):
        kept(path)
    assert path.read_text(encoding="utf-8") == text
