"""The command that takes the README's pictures: all screens, both themes, and a session that stays as it was."""

import hashlib
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import screenshots
from app.cli import run
from app.desk import SessionDesk
from app.errors import ForeignSessionError, StorageError
from app.screenshots import SIZE, THEMES, take_screenshots
from app.studio import Studio
from learning.messages import Choice
from sim.render import SceneRenderer
from tests.unit.ui.conftest import LongPairTrainers
from ui import theme

SCREENS = (
    "home", "settings", "about", "teach", "why", "then-now", "plots", "keys", "guidelines", "export", "watch",
    "presses", "reaction", "meter",
)  # fmt: skip


def digest(folder: Path) -> dict[str, str]:
    """What lies in a folder, to the last byte."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def finished(studio: Studio, desk: SessionDesk, qtbot: QtBot) -> Path:
    """A session with three labels that is closed."""
    for number in range(3):
        qtbot.waitUntil(lambda wanted=number: [pair.id for pair in desk.pairs()[:1]] == [wanted], timeout=10_000)
        desk.answer(number, Choice.LEFT, 1.0)
    studio.close()
    return desk.path


def test_every_screen_in_both_themes_and_the_session_as_it_was(
    finished: Path,
    trainers: LongPairTrainers,
    tmp_path: Path,
    real_renderer: SceneRenderer,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screenshots, "PLAY_SECONDS", 0.5)
    before = digest(finished)
    out = tmp_path / "pictures"
    try:
        taken = take_screenshots(finished, out, trainers=trainers)
    finally:
        theme.apply(qapp, "light")
    assert [path.name for path in taken] == [f"{screen}-{name}.png" for name in THEMES for screen in SCREENS]
    assert digest(finished) == before
    light, dark = ({screen: QImage(str(out / f"{screen}-{name}.png")) for screen in SCREENS} for name in THEMES)
    for screen in SCREENS:
        assert (light[screen].width(), light[screen].height()) == SIZE
        # the window's ground shows in the corner of each screen
        assert light[screen].pixelColor(3, 3).lightness() > dark[screen].pixelColor(3, 3).lightness(), screen
    colours = {light["watch"].pixel(column, 300) for column in range(0, SIZE[0], 2)}
    assert len(colours) > 5, "the live policy was painted"


def test_no_session_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ForeignSessionError):
        take_screenshots(tmp_path, tmp_path / "out")
    assert run(["screenshots", "--session", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("backflip: ") and "no session" in line
    assert not (tmp_path / "out").exists()


def test_an_unwritable_folder_is_one_line(finished: Path, tmp_path: Path) -> None:
    occupied = tmp_path / "a file"
    occupied.write_text("mine")
    with pytest.raises(StorageError, match="a file"):
        take_screenshots(finished, occupied / "out")


def test_a_window_that_is_too_small_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screenshots", "--session", str(tmp_path), "--out", str(tmp_path), "--width", "600"]) == 2
    assert "--width is 600, wanted 640 to" in capsys.readouterr().err
