"""Settings: the look, how clips are played, and the keys. Every change holds at once and is kept at once."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from sim.errors import UserError
from ui import theme
from ui.clip_speeds import USUAL_SETTING, clip_speed, keep_usual_speed
from ui.controls import Button, Choices, Switch, label
from ui.dialogs.keys import KeyList
from ui.dialogs.sheet import Sheet, button_row, open_sheet
from ui.ports import StudioPort
from ui.shortcuts import Shortcuts

NAME = "settings-dialog"
SIZE = (720, 540)
THEME, SPEED = "theme", USUAL_SETTING
THEME_TITLES = ("As the system", "Light", "Dark")
SPEEDS = ((0.25, "\u00bc\u00d7"), (0.5, "\u00bd\u00d7"), (1.0, "1\u00d7"), (2.0, "2\u00d7"))
SWITCHES = (
    (
        "depth_cues",
        True,
        "Trail, height and distance",
        "Draw where the robot has just been, its height and, where the task asks for it, its distance and speed.",
    ),
    ("side_view", False, "View from the side", "A second, small view at right angles."),
    ("reduced_motion", False, "Reduced motion", "No flashes and no moving previews; clips still play."),
)
"""(setting, what holds before it is ever set, title, what it does)"""


class SettingsSheet(Sheet):
    """Two pages: what is seen, and the keys."""

    changed: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) the setting that has another value now."""

    def __init__(self, window: QWidget, studio: StudioPort, shortcuts: Shortcuts) -> None:
        """Shows what is in force."""
        super().__init__(window, NAME, "Settings")
        self.ask_for(*SIZE)
        self._studio = studio
        self._shortcuts = shortcuts
        tabs = QTabWidget()
        tabs.setObjectName("settings-pages")
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        tabs.addTab(self._looks(), "Look and motion")
        tabs.addTab(self._keys(), "Keys")
        self._problem = label("", "danger", name="settings-problem", wraps=True)
        self._problem.hide()
        close = Button("Close", name="settings-close", role="primary")
        close.clicked.connect(self.close)
        self.column.addWidget(label("Settings", "title"))
        self.column.addWidget(tabs, 1)
        self.column.addWidget(self._problem)
        self.column.addLayout(button_row(close))
        tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def _looks(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 2 * theme.GRID, 0, 0)
        box.setSpacing(2 * theme.GRID)
        looks = Choices(THEME_TITLES, name="settings-theme", says="Colours")
        chosen = self._studio.setting(THEME)
        looks.choose(theme.THEMES.index(str(chosen)) if chosen in theme.THEMES else 0)
        looks.chosen.connect(self._set_theme)
        box.addLayout(_row("Colours", "", looks))
        speeds = Choices([text for _, text in SPEEDS], name="settings-speed", says="Speed of clips")
        values = [value for value, _ in SPEEDS]
        speeds.choose(values.index(clip_speed(self._studio, None)))
        speeds.chosen.connect(self._set_speed)
        box.addLayout(
            _row(
                "Speed of clips",
                "Of short clips, in all tasks. A speed that you choose while teaching is kept for that task.",
                speeds,
            )
        )
        for key, default, title, what in SWITCHES:
            switch = Switch("", name=f"settings-{key}", says=title)
            present = self._studio.setting(key)
            switch.setChecked(default if present is None else present is True)
            switch.setProperty("key", key)
            switch.toggled.connect(self._set_switch)
            box.addLayout(_row(title, what, switch))
        box.addStretch(1)
        return page

    def _keys(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, theme.GRID, 0, 0)
        box.setSpacing(theme.GRID)
        keys = KeyList(self._shortcuts)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(keys)
        reset = Button("All default keys", "undo", name="settings-reset-keys")
        reset.clicked.connect(keys.reset)
        box.addWidget(scroll, 1)
        box.addWidget(reset, 0, Qt.AlignmentFlag.AlignLeft)
        return page

    @Slot(int)
    def _set_theme(self, number: int) -> None:
        choice = theme.THEMES[number]
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, choice)
        self._keep(THEME, choice)

    @Slot(int)
    def _set_speed(self, number: int) -> None:
        self._try(SPEED, partial(keep_usual_speed, self._studio, SPEEDS[number][0]))

    @Slot(bool)
    def _set_switch(self, on: bool) -> None:
        self._keep(str(self.sender().property("key")), on)

    def _keep(self, key: str, value: object) -> None:
        self._try(key, partial(self._studio.set_setting, key, value))

    def _try(self, key: str, keep: Callable[[], None]) -> None:
        """Keeps a setting; one that cannot be written holds until the program ends, and says so."""
        try:
            keep()
            self._problem.hide()
        except UserError as error:
            self._problem.setText(str(error))
            self._problem.show()
        self.changed.emit(key)


def show_settings(
    window: QWidget, studio: StudioPort, shortcuts: Shortcuts, on_change: Callable[[str], None] | None = None
) -> SettingsSheet:
    """Opens it, or brings it to the front.

    Args:
        window: what it belongs to.
        studio: keeps the settings.
        shortcuts: the keys.
        on_change: called with the name of each setting that is changed.
    """
    sheet = open_sheet(window, SettingsSheet, NAME)
    if sheet is None:
        sheet = SettingsSheet(window, studio, shortcuts)
        if on_change is not None:
            sheet.changed.connect(on_change)
    sheet.present()
    return sheet


def _row(title: str, what: str, control: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2 * theme.GRID)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(label(title))
    if what:
        words.addWidget(label(what, "muted", wraps=True))
    row.addLayout(words, 1)
    row.addWidget(control)
    return row
