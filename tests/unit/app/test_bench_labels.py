"""Tables of several seeds."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.bench import labels as bench
from app.bench import seeds as measuring
from app.bench.plot import median_curve, score_at
from app.bench.seeds import SeedPlan, SeedProcessError, SeedRun
from app.errors import UsageError
from app.progress import Progress
from app.session import NewSession
from app.stopping import Interrupted, StopFlag
from app.teach import TeachReport
from app.trainers import Trainers

ROOT = Path(__file__).resolve().parents[3]
TASK = "hopper-backflip"
PATIENCE = 60.0
SCORES = {0: 4.0, 1: 0.0, 2: 12.0, 3: 9.0, 4: 5.0}


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("3", [3]),
        ("0..2", [0, 1, 2]),
        (" 7..7 ", [7]),
        ("100..101", [100, 101]),
    ],
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert list(bench.parse_seeds(text)) == seeds


@pytest.mark.parametrize("text", ["", "a", "-1", "3..", "..3", "5..2", "0...2", "1,2"])
def test_no_seeds(text: str) -> None:
    with pytest.raises(UsageError, match=r"--seeds") as caught:
        bench.parse_seeds(text)
    assert "\n" not in str(caught.value)


def test_the_median_goes_on_with_the_last_point_of_a_seed() -> None:
    curves = {0: [(0, 0.0), (10, 4.0), (20, 6.0)], 1: [(0, 1.0), (20, 2.0)], 2: [(10, 9.0)]}
    assert median_curve(curves) == [(0, 0.0), (10, 4.0), (20, 6.0)]


@pytest.mark.usefixtures("qapp")
def test_every_seed_is_in_the_table_with_median_and_interquartile_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, Path, object]] = []

    def teach(new: NewSession, out: Path, progress: Progress, trainers: Trainers) -> TeachReport:
        asked.append((new.seed, out, trainers.default_config()["fall_price"]))
        score = SCORES[new.seed]
        for labels, seen in ((0, 0.0), (20, 1.0), (20, 2.0), (30, score)):
            progress.show(SimpleNamespace(labels=labels, true_score=seen, learned_reward=0.0), 0.0)
        return report_of(new.seed)

    monkeypatch.setattr(measuring, "teach", teach)
    report = bench.bench_labels(
        bench.LabelsPlan(TASK, 30, "oracle", range(5), at=(10, 20), config={"fall_price": 0}), tmp_path
    )
    assert asked == [(seed, tmp_path / f"seed-{seed}", 0) for seed in range(5)]
    assert report.final.median == 5.0
    assert report.final.iqm == pytest.approx(6.0), "the best and the worst are left out"
    assert report.after(20).median == 2.0, "the last point before the next label"
    table = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert table == bench.as_markdown(report)
    rows = [line.split("|")[1:6] for line in table.splitlines()[2:7]]
    assert rows == [[f" {seed} ", " 30 ", " 0.00 ", " 2.00 ", f" {score:.2f} "] for seed, score in SCORES.items()]
    assert """with {"fall_price": 0}: median 5.00, interquartile mean 6.00""" in table and "true credit" not in table
    assert (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()[3] == "2,30,12.0,0.25,1.5,2000000,0.0,2.0"
    assert (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()[-1] == "4,30,5.0"
    fields = bench.as_fields(report)
    assert [run["true_score"] for run in fields["runs"]] == list(SCORES.values())  # type: ignore[attr-defined]
    assert fields["runs"][0]["at"] == {"10": 0.0, "20": 2.0}  # type: ignore[index]
    assert fields["runs"][0]["on_credit"] is fields["on_credit"] is None  # type: ignore[index]


def test_practice_on_the_credit_stands_beside_the_labels() -> None:
    runs = tuple(SeedRun(report_of(seed), [(30, 1.0)], score + 1.0, 7.5) for seed, score in SCORES.items())
    report = bench.LabelsReport(TASK, "oracle", runs, jobs=2)
    fields = bench.as_fields(report)
    assert fields["on_credit"] == {"median": 6.0, "iqm": pytest.approx(7.0)}
    assert [run["on_credit"] for run in fields["runs"]] == [score + 1.0 for score in SCORES.values()]  # type: ignore[attr-defined]
    assert {run["on_credit_wall_s"] for run in fields["runs"]} == {7.5}  # type: ignore[attr-defined]
    table = bench.as_markdown(report)
    assert "| on the true credit | its wall time, s |" in table.splitlines()[0]
    assert table.splitlines()[2].endswith("| 5.00 | 8 |")
    assert "true credit, as many control steps: median 6.00, interquartile mean 7.00" in table
    assert "2 seeds at once" in table


def test_earlier_points() -> None:
    assert bench.parse_at("50, 30,30", 200) == (30, 50)
    curve = [(1, 2.0), (5, 3.0)]
    assert [score_at(curve, labels) for labels in (0, 1, 4, 5, 9)] == [0.0, 2.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize("text", ["", "0", "201", "30,", "-1", "1.5", "a"])
def test_no_earlier_points(text: str) -> None:
    with pytest.raises(UsageError, match=r"--at is .*1 to 200") as caught:
        bench.parse_at(text, 200)
    assert "\n" not in str(caught.value)


def test_several_seeds_at_once_come_back_in_order(tmp_path: Path) -> None:
    runs = measuring.measure_all(plans(tmp_path, 3, 1, 2), 2, measure=later_seeds_first)
    assert [run.taught.seed for run in runs] == [3, 1, 2]


def test_what_goes_wrong_in_one_seed_is_raised_here_and_stops_the_others(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seed 2"):
        measuring.measure_all(plans(tmp_path, 99, 2), 2, measure=failing)
    assert (tmp_path / "99").read_text(encoding="ascii") == "stopped"
    with pytest.raises(SeedProcessError, match="backflip-seed-0' was ended by signal 9"):
        measuring.measure_all(plans(tmp_path, 0), 2, measure=failing)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_ctrl_c_stops_every_seed_and_waits_for_its_end(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom tests.unit.app import test_bench_labels as tests\n"
        "if __name__ == '__main__':\n"
        "    try: tests.measuring.measure_all(tests.plans(Path(sys.argv[1]), 98, 99), 2, measure=tests.failing)\n"
        "    except tests.Interrupted as error: print(error)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while not all((tmp_path / name).exists() for name in ("98", "99")) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    said, complained = process.communicate(timeout=PATIENCE)
    assert (said, complained) == ("Stopped.\n", "")
    assert [(tmp_path / name).read_text(encoding="ascii") for name in ("98", "99")] == ["stopped"] * 2


def test_no_job_measures_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--jobs is 0"):
        measuring.measure_all(plans(tmp_path, 1), 0)


def report_of(seed: int) -> TeachReport:
    score = SCORES.get(seed, 0.0)
    return TeachReport(TASK, seed, "oracle", 30, 1.5, 2_000_000, score, 0.25, 9.0, "session", "bundle")


def plans(folder: Path, *seeds: int) -> list[SeedPlan]:
    return [SeedPlan(NewSession(TASK, seed, "oracle", 30), folder) for seed in seeds]


def later_seeds_first(plan: SeedPlan, *, quiet: bool) -> SeedRun:
    assert quiet and plan.new.seed is not None
    time.sleep(0.3 * plan.new.seed)
    return SeedRun(report_of(plan.new.seed), [])


def failing(plan: SeedPlan, *, quiet: bool) -> SeedRun:
    """Seed 0 is killed, small ones fail once a large one runs, and large ones go on until they are stopped."""
    seed = plan.new.seed
    assert quiet and seed is not None
    if seed == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    if seed < 50:
        while not (plan.folder / "99").exists() and time.monotonic() < until:
            time.sleep(0.02)
        raise UsageError(f"seed {seed} failed")
    mark = plan.folder / str(seed)
    with StopFlag() as stop:
        mark.write_text("runs", encoding="ascii")
        while not stop.raised and time.monotonic() < until:
            time.sleep(0.02)
        mark.write_text("stopped" if stop.raised else "forgotten", encoding="ascii")
    raise Interrupted("Stopped.")
