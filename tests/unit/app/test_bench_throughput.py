"""Tables of speed."""

from dataclasses import asdict

import pytest

from app.bench import scaling, throughput
from app.bench.scaling import AnswerCost, AnswerTimes, Scaling, SimulationCost
from app.bench.throughput import Machine, ThroughputReport
from app.doctor import Finding
from sim.errors import UnknownTaskError
from sim.registry import get_task, task_names

TASK = "hopper-backflip"


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        (TASK, (TASK,)),
        (f"walker-walk, {TASK},walker-walk", ("walker-walk", TASK)),
        ("all", task_names()),
    ],
)
def test_tasks(text: str, tasks: tuple[str, ...]) -> None:
    assert throughput.parse_tasks(text) == tasks


@pytest.mark.parametrize("text", ["", f"{TASK},", f"{TASK},nothing", "all,nothing"])
def test_no_tasks(text: str) -> None:
    with pytest.raises(UnknownTaskError):
        throughput.parse_tasks(text)


def test_without_a_display_nothing_is_taught_beside_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "display", lambda: Finding("display", False, "none"))
    monkeypatch.setattr(throughput, "watch_window", None)
    assert throughput.beside_window(get_task(TASK), throughput.QUICK) is None


def test_every_task_and_contender_is_in_the_table() -> None:
    speeds: dict[str, float | None] = {throughput.RAW: 1000.0, throughput.BESIDE: None}
    ratios: dict[str, float | None] = {throughput.RAW: 1.0, throughput.BESIDE: None}
    reports = [ThroughputReport(task, speeds, ratios, ratios) for task in task_names()]
    machine = Machine("a processor", 2, "a system", "3", "3")
    rows = throughput.as_markdown(reports, machine).splitlines()[4:]
    assert len(rows) == 2 * len(task_names()), "no empty table of what was not asked for"
    assert rows[-1] == f"| {task_names()[-1]} | {throughput.BESIDE} | - | - | - |"
    fields = throughput.as_fields(reports, machine)
    assert fields["tasks"][TASK]["scaling"] is None  # type: ignore[index]


def test_ratios_are_to_the_fewest() -> None:
    few, many = AnswerTimes(0.1, 0.02, 0.01, 0.005), AnswerTimes(0.2, 0.1, 0.04, 0.05)
    cost = scaling.answer_cost([many, many, AnswerTimes(9.0, 9.0, 9.0, 9.0)], [few])
    expected = {"practice_ratio": 2.0, "take_in_ratio": 5.0}
    expected |= {"practice_ms": 200.0, "take_in_ms": 100.0, "refit_ms": 40.0, "question_ms": 50.0}
    assert asdict(cost) == pytest.approx(expected), "the median of the rounds"
    grown = Scaling({"128": SimulationCost(1.0, 20.0)}, {"10": AnswerCost(1.0, 1.0, 100.0, 20.0, 10.0, 5.0)})
    report = ThroughputReport(TASK, {}, {}, {}, grown)
    lines = throughput.as_markdown([report], Machine("", 1, "", "", "")).splitlines()
    assert f"| {TASK} | 128 | 1.00 | 20.00 |" in lines
    assert f"| {TASK} | 10 | 1.00 | 1.00 | 100.0 | 20.0 | 10.0 | 5.0 |" in lines


def test_a_stopwatch_times_every_call() -> None:
    watch = scaling.Stopwatch()
    double = watch.around(lambda number: 2 * number)
    assert [double(number) for number in (1, 2)] == [2, 4]
    assert len(watch.laps) == 2 and min(watch.laps) >= 0.0
