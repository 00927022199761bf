"""`bench feedback`: kinds of feedback, the plain button's rewards, and the table."""

from pathlib import Path

import numpy as np
import pytest

from app.bench import feedback
from app.bench.feedback import FeedbackReport, FeedbackRun
from app.bench.lead import Lead
from app.bench.plain_button import pressed
from app.errors import StorageError, UsageError
from app.watching import ReactionTime, credit_shares
from learning.messages import Press
from sim.registry import get_task


class Presses:
    """Presses at given steps."""

    def __init__(self, at: dict[int, tuple[Press, bool]]) -> None:
        self.at, self.step = at, -1

    def see(self, _observation: object, _action: object) -> tuple[Press, bool] | None:
        self.step += 1
        return self.at.get(self.step)


def test_a_press_is_the_reward_of_the_frames_before_it() -> None:
    task = get_task("hopper-backflip")
    shares = credit_shares(ReactionTime(), task.control_dt)
    presser = Presses({150: (Press.REWARD, False), 400: (Press.PUNISH, True)})
    observations, actions = np.zeros((500, task.observation_size)), np.zeros((500, task.action_size))
    rewards = pressed(presser, observations, actions, shares)  # type: ignore[arg-type]
    assert rewards[:151].sum() == pytest.approx(1.0, abs=1e-5)
    assert rewards[151:401].sum() == pytest.approx(-2.0, abs=1e-5)
    assert not rewards[401:].any()
    assert not rewards[:60].any()


def test_quick_measures_all_four(tmp_path: Path) -> None:
    kinds = feedback.parse_kinds("all")
    report = feedback.bench_feedback("hopper-backflip", kinds, range(3, 4), (0.05, 0.1), tmp_path)
    assert report.kinds == feedback.KINDS
    assert {run.feedback: run.labels > 0 for run in report.runs}[feedback.COMPARISONS]
    assert all(set(run.scores) == {"0.05", "0.1"} for run in report.runs)
    table = (tmp_path / "feedback.md").read_text(encoding="utf-8")
    assert table.count("\n| ") == 4
    assert (tmp_path / "feedback.png").stat().st_size > 1000


def test_what_is_measured_already_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(seeds: range) -> FeedbackReport:
        return feedback.bench_feedback("hopper-backflip", (feedback.BUTTON,), seeds, (0.05,), tmp_path)

    first = again(range(2))
    asked: list[int] = []

    def measure(_task: object, kind: str, seed: int, minutes: tuple[float, ...]) -> FeedbackRun:
        asked.append(seed)
        return FeedbackRun(kind, seed, 0, {f"{each:g}": 7.0 for each in minutes}, [(3.0, 7.0)])

    monkeypatch.setattr(feedback, "_measure", measure)
    more = again(range(3))
    assert asked == [2] and more.runs[:2] == first.runs and more.runs[2].scores == {"0.05": 7.0}
    (tmp_path / "feedback.png").unlink()
    assert again(range(1, 3)).runs == more.runs[1:]
    assert (tmp_path / "feedback.png").exists(), "the table and the plot are drawn of what is there"
    other = feedback.bench_feedback("hopper-backflip", (feedback.BUTTON,), range(1), (0.1,), tmp_path)
    assert asked == [2, 0] and other.runs[0].curve == [(3.0, 7.0)], "of other minutes is not the same"


@pytest.mark.parametrize("text", ["", "{}", '{"of": 1'])
def test_a_spoilt_record_is_said_and_kept(tmp_path: Path, text: str) -> None:
    kept = tmp_path / feedback.RUNS
    kept.write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be read"):
        feedback.Measured("hopper-backflip", (0.1,), tmp_path)
    assert kept.read_text(encoding="utf-8") == text


def test_middles_are_of_all_seeds_of_a_kind() -> None:
    runs = [FeedbackRun("press", seed, 9, {"1": score}, []) for seed, score in enumerate([1.0, 2.0, 9.0])]
    other = FeedbackRun("button", 0, 0, {"1": 50.0}, [])
    report = FeedbackReport("hopper-backflip", (1.0,), (*runs, other))
    assert report.middle("press", 1.0).median == 2.0
    assert "presses: 1 min median 2.00" in feedback.as_markdown(report)
    assert "| plain button | 0 |  | 50.00 |" in feedback.as_markdown(report)


def test_who_is_ahead_is_said_of_every_two_kinds() -> None:
    scores = {"compare,press": [3.0, 0.0, 5.0], "compare": [0.0, 4.0], "press": [9.0]}
    runs = [FeedbackRun(kind, seed, 9, {"1": each}, []) for kind in scores for seed, each in enumerate(scores[kind])]
    report = FeedbackReport("hopper-backflip", (1.0,), tuple(runs))
    # of six comparisons: 3 > 0, 3 < 4, 0 = 0, 0 < 4, 5 > 0, 5 > 4
    assert report.lead("compare,press", "compare", 1.0).probability == pytest.approx(3.5 / 6)
    assert report.pairs == (("press", "compare"), ("compare,press", "compare"), ("compare,press", "press"))
    table = feedback.as_markdown(report)
    assert "both in turns over comparisons: 1 min 0.58 (" in table
    assert "both in turns over presses: 1 min 0.00 (0.00 to 0.00)" in table
    leads = feedback.as_fields(report)["leads"]
    assert isinstance(leads, list) and [(each["feedback"], each["over"]) for each in leads] == list(report.pairs)
    assert "beats" not in feedback.as_markdown(FeedbackReport("hopper-backflip", (1.0,), tuple(runs[:3])))


def test_how_sure_a_lead_is_depends_on_the_seeds() -> None:
    rng = np.random.default_rng(1)

    def lead(seeds: int, ahead: float) -> Lead:
        return Lead.of(list(rng.normal(ahead, 1.0, seeds)), list(rng.normal(0.0, 1.0, seeds)))

    few, many = lead(5, 0.5), lead(200, 0.5)
    # P(x > y) of two normals half a deviation apart
    assert many.low < 0.638 < many.high and many.high - many.low < 0.5 * (few.high - few.low)
    covered = [each.low <= 0.5 <= each.high for each in (lead(20, 0.0) for _ in range(100))]
    assert 88 <= sum(covered) <= 99
    assert Lead.of([2.0, 2.0], [2.0]) == Lead(0.5, 0.5, 0.5)


@pytest.mark.parametrize("text", ["", "pres", "compare press"])
def test_kinds_that_there_are_not_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Unknown feedback"):
        feedback.parse_kinds(text)
