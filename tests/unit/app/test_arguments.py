"""Paths and numbers that a person gives."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.argument_types import Minutes, Seed
from app.arguments import (
    MOST_SEED,
    any_path,
    output_file,
    output_folder,
    quoted,
    real_number,
    whole_number,
)
from app.bench.labels import parse_at, parse_seeds
from app.cli.parser import parse
from app.errors import UsageError
from app.lab.alarm import parse_label_counts
from app.lab.pressure import parse_targets
from app.paths import log_file

LONG = "9" * 5000


@pytest.mark.parametrize("text", ["-1", str(MOST_SEED + 1), "1.0", "nan", "", "many", LONG])
def test_a_number_out_of_range_is_refused_with_what_was_wanted(text: str) -> None:
    with pytest.raises(ValueError, match=f"0 to {MOST_SEED}$") as caught:
        whole_number(text, 0, MOST_SEED)
    assert len(str(caught.value)) < 200


def test_both_ends_of_a_range_belong_to_it() -> None:
    assert [whole_number(text, 0, MOST_SEED) for text in ("0", str(MOST_SEED))] == [0, MOST_SEED]
    assert [real_number(text, 0.0, 5.0) for text in ("0", "5", "1e-300")] == [0.0, 5.0, 1e-300]


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e300", "-0.1", "x", ""])
def test_a_real_number_is_finite(text: str) -> None:
    with pytest.raises(ValueError, match="0 to 1440"):
        real_number(text, 0.0, 1440.0)


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ("teach x --seed=-1", "--seed is -1, wanted 0 to"),
        ("teach x --labels 0", "--labels is 0, wanted 1 to"),
        ("teach x --labels 1000001", "--labels is 1000001, wanted 1 to"),
        ("teach x --minutes nan", "--minutes is nan, wanted 0 to"),
        ("resume x --labels 0", "--labels is 0,"),
        ("play x --episodes 0", "--episodes is 0,"),
        ("play x --episodes 10001", "--episodes is 10001,"),
        ("play x --seed 9223372036854775808", "--seed is 9223372036854775808,"),
        ("bench labels --jobs 0", "--jobs is 0,"),
        ("bench window --minutes inf", "--minutes is inf,"),
        ("lab pressure x --iterations 0", "--iterations is 0,"),
        ("screenshots --session x --out y --width 639", "--width is 639, wanted 640 to"),
        ("screenshots --session x --out y --height 8193", "--height is 8193,"),
        ("play x --video film.avi", "--video is 'film.avi', wanted a file that ends in .mp4 or .gif"),
        ("play x --sheet sheet", "--sheet is 'sheet', wanted a file that ends in .png"),
        ("teach x --out=~nosuchuser/y", "--out is '~nosuchuser/y', wanted a path: there is no user 'nosuchuser'"),
        ("resume ~nosuchuser/y", "SESSION is '~nosuchuser/y'"),
        ("bench lables", "WHAT is 'lables': did you mean 'labels'"),
        ("teach x --lables=3", "no option '--lables': did you mean '--labels'"),
        ("teach x y", "'y' is one argument too many"),
        ("teach x --labels", "--labels needs a value"),
        ("export x", "`backflip export` needs --to"),
        ("--versoin", "did you mean '--version'"),
        ("help nonsense", "No command 'nonsense'"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_typed(arguments: str, option: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments.split())
    assert option in str(caught.value)


def test_the_types_take_what_is_in_range() -> None:
    assert [kind.__metadata__[0].instance_from_str(["3"]) for kind in (Seed, Minutes)] == [3, 3.0]


@pytest.mark.parametrize("text", ["3..1", "-1", "0..9..3", "0..10000", f"0..{MOST_SEED + 1}", LONG, "", "1,2", "²"])
def test_seeds_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--seeds is '.*wanted"):
        parse_seeds(text)


@pytest.mark.parametrize("text", ["0", "6", LONG, "x", ""])
def test_points_and_counts_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--at is"):
        parse_at(text, 5)
    if text != "6":
        with pytest.raises(UsageError, match=r"^--labels is"):
            parse_label_counts(text)


@pytest.mark.parametrize("text", ["1,2,3,nan", "1,2,3,inf", "1,2,3,1e300", "0,1,2,3", "4,3,2,1", "1"])
def test_targets_are_finite_and_rise(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--targets is"):
        parse_targets(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "wanted a path"),
        ("a\0b", "without the character NUL"),
        ("~nosuchuser", "there is no user 'nosuchuser'"),
        (os.fsdecode(b"caf\xe9"), r"'caf\\xe9', wanted a path in UTF-8"),
        ("x" * 256, "at most 255 bytes, found 256"),
        ("é" * 128, "at most 255 bytes, found 256"),
        ("x/" * 2048, "at most 4095 bytes"),
    ],
)
def test_a_path_that_cannot_be_is_refused(text: str, wanted: str) -> None:
    for check in (any_path, output_folder):
        with pytest.raises(ValueError, match=wanted):
            check(text)


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert any_path("~/x") == tmp_path / "x" and any_path("~") == tmp_path
    assert any_path("./~x") == Path("~x") and any_path("a/") == Path("a")


def test_an_output_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "file.png").write_text("x")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    cases: list[tuple[Callable[[str], Path], str, str]] = [
        (output_folder, "file.png", "wanted a folder: it is a file"),
        (output_folder, "file.png/a/b", "is a file"),
        (output_folder, "nowhere", "it is a link to nothing"),
        (output_folder, "nowhere/a", "is a link to nothing"),
        (lambda text: output_file(text, (".png",)), "folder.png", "it is a folder"),
        (lambda text: output_file(text, (".png",)), "file.png/a.png", "is a file"),
        (lambda text: output_file(text, (".png",)), "a.jpg", "ends in .png"),
        (lambda text: output_file(text, (".png",)), "a.png/", "ends in .png"),
    ]
    before = sorted(tmp_path.rglob("*"))
    for check, name, wanted in cases:
        with pytest.raises(ValueError, match=wanted):
            check(f"{tmp_path}/{name}")
    assert output_folder(str(tmp_path / "new" / "deep")) == tmp_path / "new" / "deep"
    assert output_file(f"{tmp_path}/A.PNG", (".png",)).name == "A.PNG"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # the super user may do everything
    with pytest.raises(ValueError, match=f"'{tmp_path}' cannot be written to"):
        output_folder(str(tmp_path / "new"))


def test_the_home_of_the_program_is_a_path_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFLIP_HOME", "~nosuchuser/x")
    with pytest.raises(UsageError, match=r"^BACKFLIP_HOME is '~nosuchuser/x', wanted a path"):
        log_file()


def test_what_is_shown_of_a_value_is_one_short_line() -> None:
    assert quoted("a\nb\x1b") == r"'a\nb\x1b'" and len(quoted(LONG)) < 100
