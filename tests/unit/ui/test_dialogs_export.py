"""Export: where it is when it is done, one sentence when it is not, and no harm when it is cancelled."""

import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QProgressBar, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.bundle import ExportCancelledError
from app.desk import SessionDesk
from app.export import Exported, Facts
from app.studio import Studio
from sim.score import Evaluation
from tests.unit.ui.conftest import TASK, WAIT_MS
from ui import dialogs
from ui.controls import BREAK
from ui.dialogs.export import ExportSheet, free_name, line_to_play, short, suggested_folder


class Writer:
    """Stands in for what writes bundles, which takes seconds: goes on when told."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.error: Exception | None = None

    def __call__(
        self, facts: Facts, folder: Path, *, on_progress: Callable[[float, str], None], cancelled: Callable[[], bool]
    ) -> Exported:
        on_progress(0.4, "drawing the preview")
        while not self.go_on.wait(0.01):
            if cancelled():
                raise ExportCancelledError("The export was cancelled; nothing was written.")
        if self.error is not None:
            raise self.error
        folder.mkdir(parents=True)
        return Exported(folder, facts.task, Evaluation(1, 8.0, 0.0, 0.0, (0.0,)))


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    made = Writer()
    monkeypatch.setattr("app.exporting.write_export", made)
    yield made
    made.go_on.set()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def sheet(window: QWidget, desk: SessionDesk) -> ExportSheet:
    return dialogs.show_export(window, desk)


def press(sheet: ExportSheet, name: str) -> None:
    found = sheet.findChild(QAbstractButton, name)
    assert found is not None and found.isVisible() and found.isEnabled(), name
    found.click()


def text(sheet: ExportSheet, name: str) -> str:
    found = sheet.findChild(QWidget, name)
    assert isinstance(found, QLabel | QLineEdit), name
    return found.text() if found.isVisible() else ""


def begin(sheet: ExportSheet, folder: Path) -> None:
    line = sheet.findChild(QLineEdit, "export-folder")
    assert line is not None
    line.setText(str(folder))
    press(sheet, "export-begin")


def test_it_says_what_is_written_and_then_where_it_is(
    sheet: ExportSheet, writer: Writer, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "my policy"
    begin(sheet, folder)
    qtbot.waitUntil(lambda: text(sheet, "export-what") == "Drawing the preview", timeout=WAIT_MS)
    bar = sheet.findChild(QProgressBar)
    assert bar is not None and bar.value() == 400
    writer.go_on.set()
    qtbot.waitUntil(lambda: str(folder) in text(sheet, "export-where"), timeout=WAIT_MS)
    line = text(sheet, "export-line")
    assert shlex.split(line) == ["python", str(folder / "run.py")]
    press(sheet, "export-copy-line")
    assert QGuiApplication.clipboard().text() == line


def test_a_folder_that_cannot_be_written_is_one_sentence(sheet: ExportSheet, tmp_path: Path, qtbot: QtBot) -> None:
    occupied = tmp_path / "a file"
    occupied.write_text("mine")
    begin(sheet, occupied / "policy")
    qtbot.waitUntil(lambda: text(sheet, "export-problem") != "", timeout=3 * WAIT_MS)
    said = text(sheet, "export-problem")
    assert str(occupied) in said and "\n" not in said and "Traceback" not in said
    assert occupied.read_text() == "mine"
    copy = sheet.findChild(QAbstractButton, "export-copy-details")
    assert copy is not None and not copy.isVisible(), "a mistake that can be mended has no details"
    assert sheet.findChild(QAbstractButton, "export-begin").isVisible(), "another folder can be tried at once"


def test_an_error_of_ours_has_details_to_copy(sheet: ExportSheet, writer: Writer, tmp_path: Path, qtbot: QtBot) -> None:
    writer.error = ZeroDivisionError("who would have thought")
    writer.go_on.set()
    begin(sheet, tmp_path / "policy")
    qtbot.waitUntil(lambda: "who would have thought" in text(sheet, "export-problem"), timeout=WAIT_MS)
    press(sheet, "export-copy-details")
    assert "Traceback" in QGuiApplication.clipboard().text()


def test_it_can_be_cancelled_and_tried_again(sheet: ExportSheet, writer: Writer, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "policy"
    begin(sheet, folder)
    press(sheet, "export-cancel")
    qtbot.waitUntil(lambda: "cancelled" in text(sheet, "export-problem"), timeout=WAIT_MS)
    assert not folder.exists()
    writer.go_on.set()
    begin(sheet, folder)
    qtbot.waitUntil(lambda: str(folder) in text(sheet, "export-where"), timeout=WAIT_MS)


def test_closed_it_goes_on_and_tells_when_it_is_opened_again(
    window: QWidget, desk: SessionDesk, sheet: ExportSheet, writer: Writer, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "policy"
    begin(sheet, folder)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert dialogs.show_export(window, desk) is sheet and text(sheet, "export-what") != ""
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    with qtbot.waitSignal(desk.exporting.ended, timeout=WAIT_MS):
        writer.go_on.set()
    dialogs.show_export(window, desk)
    assert str(folder) in text(sheet, "export-where")
    press(sheet, "export-done")
    dialogs.show_export(window, desk)
    assert text(sheet, "export-folder") != "", "seen once, it asks for the next one"


def test_another_session_has_a_dialog_of_its_own(
    window: QWidget, desk: SessionDesk, sheet: ExportSheet, studio: Studio, qtbot: QtBot
) -> None:
    other = studio.new_session(TASK)
    fresh = dialogs.show_export(window, other)
    assert fresh is not sheet and fresh.session is other and not sheet.isVisible()
    assert dialogs.show_export(window, other) is fresh


def test_it_ends_with_its_session(window: QWidget, desk: SessionDesk, sheet: ExportSheet) -> None:
    dialogs.end_export(window)
    assert not sheet.isVisible()
    assert dialogs.show_export(window, desk) is not sheet
    dialogs.end_export(window)
    dialogs.end_export(window)


def test_enter_in_the_folder_field_exports(sheet: ExportSheet, writer: Writer, tmp_path: Path, qtbot: QtBot) -> None:
    line = sheet.findChild(QLineEdit, "export-folder")
    assert line is not None
    for folder in (tmp_path / "first", tmp_path / "second"):
        sheet.activateWindow()
        QTest.mouseClick(line, Qt.MouseButton.LeftButton)
        line.selectAll()
        QTest.keyClicks(line, str(folder))
        QTest.keyClick(line, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: text(sheet, "export-what") != "", timeout=WAIT_MS)
        press(sheet, "export-cancel")
        qtbot.waitUntil(lambda: "cancelled" in text(sheet, "export-problem"), timeout=WAIT_MS)


def test_an_overlong_name_makes_the_sheet_no_wider(sheet: ExportSheet, tmp_path: Path, qtbot: QtBot) -> None:
    wide = sheet.width()
    folder = tmp_path / (300 * "x")
    begin(sheet, folder)
    qtbot.waitUntil(lambda: text(sheet, "export-problem") != "", timeout=3 * WAIT_MS)
    said = sheet.findChild(QLabel, "export-problem")
    assert said is not None and str(folder) in said.text()
    qtbot.wait(50)  # Qt lays out anew with its next events
    assert sheet.width() == wide and said.width() < wide
    assert not any(area.horizontalScrollBar().isVisible() for area in sheet.findChildren(QScrollArea))
    assert said.height() >= said.heightForWidth(said.width()), "all lines of it are seen"
    assert f"{tmp_path.name}/" in said.toolTip().replace(BREAK, "") and str(folder) in said.toolTip().replace(BREAK, "")
    QTest.mouseClick(said, Qt.MouseButton.LeftButton)
    QTest.keyClick(said, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(said, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == said.text(), "it is copied to the letter"


def test_no_folder_is_asked_for(sheet: ExportSheet) -> None:
    line = sheet.findChild(QLineEdit, "export-folder")
    assert line is not None
    line.setText("  ")
    press(sheet, "export-begin")
    assert text(sheet, "export-problem") == "Name a folder for the export."


def test_the_suggested_folder_is_free(tmp_path: Path) -> None:
    assert free_name(tmp_path / "policy") == tmp_path / "policy"
    for number in ("", "-2"):
        (tmp_path / f"policy{number}").mkdir()
    assert free_name(tmp_path / "policy") == tmp_path / "policy-3"
    suggested = suggested_folder(TASK)
    assert suggested.is_absolute() and not suggested.exists()


def test_a_path_is_written_as_people_write_it() -> None:
    folder = Path.home() / "Documents" / "policy"
    assert short(folder) == str(Path("~/Documents/policy")) and Path(short(folder)).expanduser() == folder
    assert short(Path("/elsewhere/policy")) == str(Path("/elsewhere/policy"))


@pytest.mark.skipif(sys.platform == "win32", reason="quoted for another shell there")
def test_the_line_works_for_any_path() -> None:
    bundle = Path("/tmp/it's mine/a policy")
    assert shlex.split(line_to_play(bundle)) == ["python", str(bundle / "run.py")]
