"""The part of the settings where keys are changed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QStackedWidget, QVBoxLayout, QWidget

from sim.errors import UserError
from ui import theme
from ui.controls import Button, label
from ui.shortcut_help import key_cap
from ui.shortcuts import Action, Shortcuts

KEYS_WIDTH = 200
PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeyRow(QWidget):
    """One action: its keys, and how to change them."""

    asking: SignalInstance = Signal()  # type: ignore[assignment]
    """It waits for a key now: no other row shall."""

    def __init__(self, action: Action, shortcuts: Shortcuts) -> None:
        """Shows the keys in force."""
        super().__init__()
        self.setObjectName(f"key-{action.name}")
        self._action = action
        self._shortcuts = shortcuts
        self._adding = False
        self._caps = QWidget()
        caps = QHBoxLayout(self._caps)
        caps.setContentsMargins(0, 0, 0, 0)
        caps.setSpacing(theme.GRID // 2)
        self._edit = QKeySequenceEdit()
        self._edit.setObjectName(f"key-{action.name}-edit")
        self._edit.setAccessibleName(f"New key for {action.title}")
        self._edit.setMaximumSequenceLength(1)
        self._edit.editingFinished.connect(self._take)
        self._edit.installEventFilter(self)
        self._place = QStackedWidget()
        self._place.setFixedWidth(theme.scaled(KEYS_WIDTH))
        self._place.addWidget(self._caps)
        self._place.addWidget(self._edit)
        self._change = Button("Change", name=f"key-{action.name}-change", role="quiet", says=f"Change: {action.title}")
        self._change.clicked.connect(self._ask_instead)
        self._add = Button("Add", name=f"key-{action.name}-add", role="quiet", says=f"Add a key: {action.title}")
        self._add.clicked.connect(self._ask_more)
        self._reset = Button(
            icon="undo", name=f"key-{action.name}-reset", role="quiet", says=f"Default keys: {action.title}"
        )
        self._reset.clicked.connect(self.reset)
        self._problem = label("", "danger", name=f"key-{action.name}-problem", wraps=True)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID // 2)
        row.addWidget(label(action.title, wraps=True), 1)
        for widget in (self._place, self._change, self._add, self._reset):
            row.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row)
        box.addWidget(self._problem)
        self.show_keys()

    @property
    def own(self) -> bool:
        """Whether the person chose the keys."""
        return self._shortcuts.keys(self._action.name) != self._action.keys

    def show_keys(self) -> None:
        """The keys in force, and no question."""
        row = self._caps.layout()
        while row is not None and (item := row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if isinstance(row, QHBoxLayout):
            row.addStretch(1)
            for sign in self._shortcuts.signs(self._action.name) or ["none"]:
                row.addWidget(key_cap(sign), 0, Qt.AlignmentFlag.AlignVCenter)
        self._reset.setEnabled(self.own)
        self._place.setCurrentIndex(0)
        self._problem.hide()

    @Slot()
    def reset(self) -> None:
        """The default keys again; a key that another action has by now becomes a sentence."""
        self._try(self._shortcuts.reset, self._action.name)

    def clear(self) -> None:
        """No keys at all."""
        self._try(self._shortcuts.set_keys, self._action.name, "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who goes elsewhere wants no other key."""
        if watched is self._edit and event.type() is QEvent.Type.FocusOut:
            self._place.setCurrentIndex(0)
        return super().eventFilter(watched, event)

    @Slot()
    def _ask_instead(self) -> None:
        self._ask(adding=False)

    @Slot()
    def _ask_more(self) -> None:
        self._ask(adding=True)

    def _ask(self, *, adding: bool) -> None:
        self.asking.emit()
        self._adding = adding
        self._problem.hide()
        self._edit.clear()
        self._place.setCurrentIndex(1)
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _take(self) -> None:
        key = self._edit.keySequence().toString(PORTABLE)
        if not key or self._place.currentIndex() == 0:
            return
        present = self._shortcuts.keys(self._action.name) if self._adding else ()
        wanted = QKeySequence.listToString([QKeySequence(each) for each in dict.fromkeys((*present, key))], PORTABLE)
        self._change.setFocus(Qt.FocusReason.OtherFocusReason)
        self._try(self._shortcuts.set_keys, self._action.name, wanted)

    def _try(self, act: Callable[..., None], *arguments: str) -> None:
        try:
            act(*arguments)
        except UserError as error:
            self.show_keys()
            self._problem.setText(str(error))
            self._problem.show()
            return
        self.show_keys()


class KeyList(QWidget):
    """All actions, by group."""

    def __init__(self, shortcuts: Shortcuts) -> None:
        """A row for each."""
        super().__init__()
        theme.set_role(self, "plain")
        self._shortcuts = shortcuts
        self._rows: list[KeyRow] = []
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, theme.GRID, 0)
        box.setSpacing(2)
        for title, actions in shortcuts.groups():
            box.addSpacing(theme.GRID)
            box.addWidget(label(title, "caption"))
            for action in actions:
                row = KeyRow(action, shortcuts)
                row.asking.connect(self._quiet)
                self._rows.append(row)
                box.addWidget(row)
        box.addStretch(1)

    @Slot()
    def reset(self) -> None:
        """All default keys. First the person's own are all given up: two of them may have changed places."""
        own = [row for row in self._rows if row.own]
        for row in own:
            row.clear()
        for row in own:
            row.reset()

    @Slot()
    def _quiet(self) -> None:
        for row in self._rows:
            row.show_keys()
