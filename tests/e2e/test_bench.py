"""The measurements, done quickly: that each command does its work, not what it finds."""

import json
from pathlib import Path

import cv2
import pytest

from app.bench import throughput
from tests.e2e.command import TASK, assert_one_clear_line, backflip, small_backflip


def test_labels(tmp_path: Path) -> None:
    done = small_backflip(
        tmp_path / "home", "bench", "labels", "--quick", "--seeds", "3..9", "--out", tmp_path / "o", "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert [run["seed"] for run in found["runs"]] == [3], "quick is one seed"
    run = found["runs"][0]
    assert run["labels"] == 2 and run["env_steps"] > 0 and run["wall_s"] > 0
    assert found["median"] == found["iqm"] == run["true_score"]
    assert (tmp_path / "o" / "table.md").read_text(encoding="utf-8") in done.stdout
    curve = [line.split(",") for line in (tmp_path / "o" / "curves.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert {row[0] for row in curve} == {"3"} and curve[-1][1] == "2"
    picture = cv2.imread(str(tmp_path / "o" / "curves.png"))
    assert picture is not None and picture.std() > 1.0, "something is drawn"


def test_labels_of_several_seeds_at_once_beside_the_true_credit(tmp_path: Path) -> None:
    asked = ("bench", "labels", "--quick", "--on-credit", "--at", "1,30", "--json")
    together, alone = (
        small_backflip(tmp_path / "home", *asked, "--seeds", seeds, "--jobs", jobs)
        for seeds, jobs in (("3..9", 2), ("4", 1))
    )
    assert together.returncode == alone.returncode == 0, together.stderr + alone.stderr
    found, again = (json.loads(done.stdout.splitlines()[-1]) for done in (together, alone))
    assert [run["seed"] for run in found["runs"]] == [3, 4] and found["jobs"] == 2
    run, same = found["runs"][1], again["runs"][0]
    assert list(run["at"]) == ["1", "2"] and run["on_credit_wall_s"] > 0, "quick has two labels"
    for name in ("true_score", "falls_per_10s", "learned_reward", "env_steps", "at", "on_credit"):
        assert run[name] == same[name], f"{name} depends on who runs beside"
    assert found["on_credit"]["median"] == sum(run["on_credit"] for run in found["runs"]) / 2
    assert "2 seeds at once" in together.stdout and "at once" not in alone.stdout


def test_throughput(tmp_path: Path) -> None:
    asked = ("bench", "throughput", "--quick", "--scaling", "--out", tmp_path / "o", "--json")
    done = backflip(tmp_path / "home", *asked, QT_QPA_PLATFORM=None)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["tasks"][TASK]
    speeds = found["steps_per_s"]
    kinds = (throughput.RAW, throughput.TEACHING, throughput.BESIDE, throughput.SYNC, throughput.ASYNC, throughput.SB3)
    assert tuple(speeds) == kinds
    measured = {name: speed for name, speed in speeds.items() if speed is not None}
    assert set(speeds) - set(measured) <= {throughput.SB3}, "all that we ship is there"
    assert all(speed > 0 for speed in measured.values())
    for name, speed in measured.items():
        assert found["ratio_to_raw"][name] == pytest.approx(speed / speeds[throughput.RAW])
    steps, answers = found["scaling"]["simulations"], found["scaling"]["answers"]
    assert list(steps) == ["128", "256", "512", "1024", "2048", "4096"]
    for each in steps.values():
        assert each["ratio"] == pytest.approx(each["us_per_step"] / steps["128"]["us_per_step"])
    first, more = answers.values()
    assert first["practice_ratio"] == first["take_in_ratio"] == 1.0
    assert more["take_in_ratio"] == pytest.approx(more["take_in_ms"] / first["take_in_ms"])
    assert more["take_in_ms"] > more["refit_ms"] + more["question_ms"] > 0, "both are part of it"
    assert (tmp_path / "o" / "throughput.md").read_text(encoding="utf-8") in done.stdout


def test_window(tmp_path: Path) -> None:
    arguments = ("bench", "window", "--quick", "--out", tmp_path / "o", "--json")
    done = backflip(tmp_path / "home", *arguments, QT_QPA_PLATFORM=None)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["labels"] == 2 and found["start_s"] > 0 and found["first_pair_s"] > 0
    assert found["answer_to_pair_p95_ms"] > 0 and found["frame_p50_ms"] > 0
    assert found["steps_per_s_window"] > 0 and found["training_ratio"] > 0
    assert 0 < found["label_to_learned_p95_s"] <= found["label_to_screen_p95_s"]
    assert found["trainer_memory_mib"] == found["memory_mib"] == {}, "it was not open for a minute"
    assert (tmp_path / "o" / "window.md").read_text(encoding="utf-8") in done.stdout
    assert not (tmp_path / "home" / "sessions").exists(), "it leaves the person's own sessions alone"


def test_what_cannot_be_measured(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert_one_clear_line(backflip(home, "bench", "throughput", "--task", "hopper-backflop"), "hopper-backflip")
    several = backflip(home, "bench", "throughput", "--task", f"{TASK},hopper-hopp")
    assert_one_clear_line(several, "hopper-hopp", "'hopper-hop'")
    assert_one_clear_line(backflip(home, "bench", "labels", "--seeds", "9..0"), "--seeds", "9..0")
    assert_one_clear_line(backflip(home, "bench", "labels", "--jobs", "0"), "--jobs", "0")
    assert_one_clear_line(backflip(home, "bench", "labels", "--at", "0"), "--at", "0")
    assert_one_clear_line(backflip(home, "bench", "labels", "--config", '{"fall_prise": 0}'), "fall_price")
    assert_one_clear_line(backflip(home, "bench", "labels", "--at", "30,x"), "--at", "30,x")
    assert_one_clear_line(backflip(home, "bench", "window", "--minutes", "-1"), "--minutes", "-1")
    nowhere = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    assert_one_clear_line(backflip(home, "bench", "window", **nowhere), "display")
