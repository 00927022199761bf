"""The recorded examples of the guidelines: every task has two, which are small, of its model, and rightly named."""

from importlib.resources import files
from pathlib import Path

import pytest

from sim.clip import save_clip
from sim.errors import ClipError
from sim.examples import FOLDER, Example, caption, example, file_name
from sim.registry import get_task, task_names
from sim.task import Task

MOST_BYTES = 32 * 1024
LEAST_SECONDS = 1.0


@pytest.mark.parametrize("name", task_names())
def test_every_task_has_a_good_and_a_bad_example(name: str) -> None:
    task = get_task(name)
    credit = {}
    for which in Example:
        clip = example(task, which)
        assert clip.model_hash == task.model_hash and clip.seconds > LEAST_SECONDS
        assert caption(task, which).endswith(".") and clip.origin["made"]
        path = files("resources").joinpath(FOLDER, file_name(task, which))
        assert len(path.read_bytes()) < MOST_BYTES
        credit[which] = float(task.credit(clip.observations, clip.actions).mean())
    assert credit[Example.GOOD] > credit[Example.BAD]
    assert caption(task, Example.GOOD) != caption(task, Example.BAD)


def test_an_example_of_another_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = get_task("hopper-hop")
    folder = tmp_path / FOLDER
    folder.mkdir()
    save_clip(example(task, Example.GOOD), folder / file_name(task, Example.GOOD))
    monkeypatch.setattr("sim.examples.files", lambda _package: tmp_path)

    class Changed(type(task)):
        model_xml = task.model_xml + "<!-- another robot -->"

    changed: Task = Changed()
    with pytest.raises(ClipError, match="another model"):
        example(changed, Example.GOOD)
    with pytest.raises(ClipError, match="No clip"):
        example(changed, Example.BAD)
