"""Export: where to, how far, and what to do with the bundle."""

import shlex
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from sim.errors import UserError
from ui import theme
from ui.controls import Button, label
from ui.dialogs.sheet import CopyButton, Sheet, button_row
from ui.ports import Failure, SessionPort

NAME = "export-dialog"
WIDTH = 620
PARTS = 1000
"""Steps of the progress bar."""
CONTENTS = (
    "Writes a folder that runs without Backflip: the policy as ONNX and as plain weights, the robot's model, a program"
    " that plays it, a card that says what it was taught by, and a video."
)
NEEDS = "It needs only numpy, mujoco and onnxruntime:"

MEANWHILE = "You can close this and continue teaching: the export goes on in the background."


class ExportSheet(Sheet):
    """Asks where to, then shows the progress, then where the bundle is. Closing it stops nothing."""

    def __init__(self, window: QWidget, session: SessionPort) -> None:
        """Suggests a folder."""
        super().__init__(window, NAME, "Export the policy")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        self.setMinimumWidth(theme.scaled(WIDTH))
        self.session = session
        self._running = self._unseen = False
        self._bundle: Path | None = None
        self._pages = QStackedWidget()
        for page in (self._asking(), self._writing(), self._finished()):
            self._pages.addWidget(page)
        self.column.addWidget(label("Export the policy", "title"))
        self.column.addWidget(self._pages)
        self._begin.setDefault(True)  # not before it is in the dialog: a default button tells only the one it is in
        session.exporting.progress.connect(self._on_progress)
        session.exporting.ended.connect(self._on_exported)
        self.ask()

    def ask(self) -> None:
        """Ready for the next export, unless one runs, or has ended since the dialog was closed."""
        if self._running or self._unseen:
            self._unseen = False
            return
        self._folder.setText(short(suggested_folder(self.session.task.name)))
        self._say("")
        self._pages.setCurrentIndex(0)
        self._begin.setFocus(Qt.FocusReason.OtherFocusReason)

    def part(self) -> None:
        """Listens to the session no longer."""
        self.session.exporting.progress.disconnect(self._on_progress)
        self.session.exporting.ended.disconnect(self._on_exported)
        self.close()
        self.deleteLater()

    # Building

    def _asking(self) -> QWidget:
        page, box = _page()
        box.addWidget(label(CONTENTS, "muted", wraps=True))
        caption = label("Folder", "caption")
        self._folder = QLineEdit()
        self._folder.setObjectName("export-folder")
        self._folder.setAccessibleName("Folder for the bundle")
        caption.setBuddy(self._folder)
        choose = Button("Choose\u2026", "folder", name="export-choose")
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self._folder, 1)
        row.addWidget(choose)
        box.addWidget(caption)
        box.addLayout(row)
        self._problem = label("", "danger", name="export-problem", wraps=True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy_details = CopyButton("export-copy-details", "Copy details")
        box.addWidget(self._problem)
        box.addWidget(self._copy_details, 0, Qt.AlignmentFlag.AlignLeft)
        box.addStretch(1)
        cancel = Button("Cancel", name="export-close")
        cancel.clicked.connect(self.close)
        self._begin = Button("Export", "export", name="export-begin", role="primary", colour="on_accent")
        self._begin.clicked.connect(self._start)
        box.addLayout(button_row(cancel, self._begin))
        return page

    def _writing(self) -> QWidget:
        page, box = _page()
        self._what = label("", name="export-what", wraps=True)
        self._bar = QProgressBar()
        self._bar.setObjectName("export-progress")
        self._bar.setAccessibleName("Progress of the export")
        self._bar.setRange(0, PARTS)
        self._bar.setTextVisible(False)
        self._cancel = Button("Cancel", name="export-cancel")
        self._cancel.clicked.connect(self._stop)
        box.addWidget(self._what)
        box.addWidget(self._bar)
        box.addWidget(label(MEANWHILE, "muted", wraps=True))
        box.addStretch(1)
        box.addLayout(button_row(self._cancel))
        return page

    def _finished(self) -> QWidget:
        page, box = _page()
        self._where = label("", name="export-where", wraps=True)
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._line = QLineEdit()
        self._line.setObjectName("export-line")
        self._line.setAccessibleName("The line that plays it")
        self._line.setReadOnly(True)
        self._copy_line = CopyButton("export-copy-line")
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self._line, 1)
        row.addWidget(self._copy_line)
        box.addWidget(self._where)
        box.addWidget(label(NEEDS, "muted", wraps=True))
        box.addLayout(row)
        box.addStretch(1)
        show = Button("Open the folder", "folder", name="export-open")
        show.clicked.connect(self._show_folder)
        self._done = Button("Done", name="export-done", role="primary")
        self._done.clicked.connect(self.close)
        box.addLayout(button_row(show, self._done))
        return page

    # Exporting

    @Slot()
    def _choose(self) -> None:
        present = Path(self._folder.text()).expanduser()
        parent = QFileDialog.getExistingDirectory(self, "Where shall the bundle's folder be made?", str(present.parent))
        if parent:
            self._folder.setText(short(free_name(Path(parent) / present.name)))

    @Slot()
    def _start(self) -> None:
        text = self._folder.text().strip()
        if not text:
            self._say("Name a folder for the export.")
            return
        try:
            self.session.exporting.begin(Path(text).expanduser())
        except UserError as error:
            self._say(str(error))
            return
        self._running = True
        self._cancel.setEnabled(True)
        self._on_progress(0.0, "starting")
        self._pages.setCurrentIndex(1)
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _stop(self) -> None:
        self._cancel.setEnabled(False)
        self._what.setText("Cancelling")
        self.session.exporting.cancel()

    @Slot(float, str)
    def _on_progress(self, share: float, what: str) -> None:
        self._bar.setValue(round(share * PARTS))
        if self._cancel.isEnabled():
            self._what.setText(f"{what[:1].upper()}{what[1:]}")

    @Slot(object)
    def _on_exported(self, result: object) -> None:
        self._running = False
        self._unseen = not self.isVisible()
        if isinstance(result, Path):
            self._bundle = result
            self._where.setText(f"The policy is in '{result}'.")
            self._line.setText(line_to_play(result))
            self._copy_line.content = self._line.text()
            self._pages.setCurrentIndex(2)
            self._done.setFocus(Qt.FocusReason.OtherFocusReason)
        elif isinstance(result, Failure):
            self._pages.setCurrentIndex(0)
            self._say(result.sentence, result.details)
            self._folder.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _show_folder(self) -> None:
        if self._bundle is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._bundle)))

    def _say(self, sentence: str, details: str = "") -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        self._copy_details.content = details
        self._copy_details.setVisible(bool(details))


def suggested_folder(task_name: str) -> Path:
    """A folder that does not exist yet, where a person keeps documents."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return free_name(Path(documents or Path.home()) / f"{task_name}-policy")


def short(folder: Path) -> str:
    """A path as people write it: `~` for their home."""
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def free_name(folder: Path) -> Path:
    """`folder`, with a number if there is something already."""
    free, number = folder, 1
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def line_to_play(bundle: Path) -> str:
    """What to type to see the bundle's policy, on this system."""
    words = ["python", str(bundle / "run.py")]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def show_export(window: QWidget, session: SessionPort) -> ExportSheet:
    """Opens it, or brings it to the front with the export that runs."""
    old = window.findChild(ExportSheet, NAME)
    if isinstance(old, ExportSheet) and old.session is not session:
        end_export(window)
        old = None
    sheet = old if isinstance(old, ExportSheet) else ExportSheet(window, session)
    if not sheet.isVisible():
        sheet.ask()
    sheet.present()
    return sheet


def end_export(window: QWidget) -> None:
    """Closes it for good: its session is being closed."""
    old = window.findChild(ExportSheet, NAME)
    if isinstance(old, ExportSheet):
        old.setObjectName("")
        old.part()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    box = QVBoxLayout(page)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(2 * theme.GRID)
    return page, box
