"""What can be done with a key: names, default keys, and the person's own. A key held down never labels twice."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from sim.errors import UserError
from ui.ports import StudioPort

SETTING = "shortcuts"
"""The setting that keeps the person's own keys, action name -> keys, as `QKeySequence.listToString` writes them."""

KEY_SIGNS = {"Left": "\u2190", "Right": "\u2192", "Up": "\u2191", "Down": "\u2193"}
"""How keys are written on buttons, where their names are long."""


class ShortcutError(UserError):
    """These keys cannot be used for this action."""


class Scope(StrEnum):
    """Where an action can be used. Actions of one scope, or of EVERYWHERE and any, share no keys."""

    EVERYWHERE = "everywhere"
    TEACH = "teach"
    WATCH = "watch"
    METER = "meter"
    CLIPS = "clips"
    """Wherever something plays: Teach and Watch."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that has a key."""

    name: str
    title: str
    group: str
    scope: Scope
    keys: tuple[str, ...]
    """Default keys, in Qt's portable text."""
    repeats: bool = False
    """Whether holding the key down does it again and again."""


ACTIONS = (
    Action("prefer_left", "Prefer left", "Answers", Scope.TEACH, ("Left", "1")),
    Action("prefer_right", "Prefer right", "Answers", Scope.TEACH, ("Right", "2")),
    Action("equal", "Equally good", "Answers", Scope.TEACH, ("Down", "3")),
    Action("cannot_tell", "Can't tell", "Answers", Scope.TEACH, ("S", "4")),
    Action("undo", "Undo the last answer", "Answers", Scope.TEACH, ("Ctrl+Z", "Backspace")),
    Action("flag", "Flag this pair", "Answers", Scope.TEACH, ("F",)),
    Action("guidelines", "Guidelines, with examples", "Answers", Scope.TEACH, ("H",)),
    Action("play_pause", "Play or pause", "Clips", Scope.CLIPS, ("Space",)),
    Action("replay", "Play from the start", "Clips", Scope.CLIPS, ("R",)),
    Action("step_back", "One frame back", "Clips", Scope.CLIPS, (",",), repeats=True),
    Action("step_forward", "One frame on", "Clips", Scope.CLIPS, (".",), repeats=True),
    Action("slower", "Slower", "Clips", Scope.CLIPS, ("[",)),
    Action("faster", "Faster", "Clips", Scope.CLIPS, ("]",)),
    Action("reset_camera", "Reset the camera", "Clips", Scope.CLIPS, ("C",)),
    Action("side_view", "View from the side", "Clips", Scope.CLIPS, ("V",)),
    Action("depth_cues", "Trail, height and distance", "Clips", Scope.CLIPS, ("D",)),
    Action("why", "Why? What the reward model predicts of this", "Clips", Scope.CLIPS, ("W",)),
    Action("follow", "Follow the robot, or stay", "Watch", Scope.WATCH, ("F",)),
    Action("distance", "Distance and speed", "Watch", Scope.WATCH, ("E",)),
    Action("orbit_left", "Turn the camera left", "Watch", Scope.WATCH, ("Left",), repeats=True),
    Action("orbit_right", "Turn the camera right", "Watch", Scope.WATCH, ("Right",), repeats=True),
    Action("orbit_up", "Raise the camera", "Watch", Scope.WATCH, ("Up",), repeats=True),
    Action("orbit_down", "Lower the camera", "Watch", Scope.WATCH, ("Down",), repeats=True),
    Action("zoom_in", "Nearer", "Watch", Scope.WATCH, ("PgUp",), repeats=True),
    Action("zoom_out", "Farther", "Watch", Scope.WATCH, ("PgDown",), repeats=True),
    Action("judge", "Teach by pressing, or only watch", "Presses", Scope.WATCH, ("T",)),
    Action("reward", "Reward; held, strongly", "Presses", Scope.WATCH, ("+", "=")),
    Action("punish", "Punish; held, strongly", "Presses", Scope.WATCH, ("-",)),
    Action("undo_press", "Undo the last press", "Presses", Scope.WATCH, ("Ctrl+Z", "Backspace")),
    Action("pause_learning", "Pause or resume learning", "Learning", Scope.TEACH, ("P",)),
    Action("peek", "Peek at the true score", "Learning", Scope.TEACH, ("K",)),
    Action("plots", "Show the plots", "Learning", Scope.TEACH, ("G",)),
    Action("then_and_now", "Then and now: the first policy and this one", "Learning", Scope.TEACH, ("B",)),
    Action("compare_untried", "Compare the policy that looks better", "Learning", Scope.TEACH, ("X",)),
    Action("watch", "Watch the policy", "Learning", Scope.TEACH, ("L",)),
    Action("meter", "Open the meter", "Learning", Scope.TEACH, ("M",)),
    Action("export", "Export the policy", "Learning", Scope.TEACH, ("Ctrl+E",)),
    Action("earlier", "The policy before", "Meter", Scope.METER, ("Left",), repeats=True),
    Action("later", "The next policy", "Meter", Scope.METER, ("Right",), repeats=True),
    Action("surest", "Cursor on the best policy", "Meter", Scope.METER, ("B",)),
    Action("go_back", "Go back to this policy", "Meter", Scope.METER, ("G",)),
    Action("measure_from", "Measure from this policy", "Meter", Scope.METER, ("P",)),
    Action("undo_steering", "Undo the last change", "Meter", Scope.METER, ("Ctrl+Z", "Backspace")),
    Action("peek_meter", "Peek at the true score", "Meter", Scope.METER, ("K",)),
    Action("back", "Back", "Window", Scope.EVERYWHERE, ("Esc", "Alt+Left")),
    Action("settings", "Settings", "Window", Scope.EVERYWHERE, ("Ctrl+,",)),
    Action("help", "Show all keys", "Window", Scope.EVERYWHERE, ("?", "F1")),
    Action("full_screen", "Full screen", "Window", Scope.EVERYWHERE, ("F11",)),
    Action("quit", "Quit", "Window", Scope.EVERYWHERE, ("Ctrl+Q",)),
)


class Shortcuts(QObject):
    """The keys in force, and the widgets that listen to them."""

    changed: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, studio: StudioPort, parent: QObject | None = None) -> None:
        """Reads the person's own keys; those that no longer fit are left out."""
        super().__init__(parent)
        self._studio = studio
        self._actions = {action.name: action for action in ACTIONS}
        self._own: dict[str, str] = {}
        self._bound: dict[str, list[tuple[QWidget, Callable[[], None]]]] = {}
        self._listening: dict[str, list[QShortcut]] = {}
        stored = studio.setting(SETTING)
        if isinstance(stored, dict):
            for name, keys in stored.items():
                if name in self._actions and isinstance(keys, str) and self._problem(name, keys) is None:
                    self._own[name] = keys

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of an action, in Qt's portable text."""
        if name not in self._own:
            return self._actions[name].keys
        return tuple(each.toString(QKeySequence.SequenceFormat.PortableText) for each in _sequences(self._own[name]))

    def signs(self, name: str) -> list[str]:
        """An action's keys as they stand on buttons and key caps."""
        native = QKeySequence.SequenceFormat.NativeText
        return [KEY_SIGNS.get(key) or QKeySequence(key).toString(native) for key in self.keys(name)]

    def sign(self, name: str) -> str:
        """An action's first key as it stands on a button; empty if it has none."""
        return next(iter(self.signs(name)), "")

    def tip(self, name: str) -> str:
        """An action's title with its keys, for a tool tip."""
        signs, title = " or ".join(self.signs(name)), self._actions[name].title
        return f"{title} ({signs})" if signs else title

    def groups(self) -> list[tuple[str, list[Action]]]:
        """All actions by group, in order."""
        return [(group, list(actions)) for group, actions in groupby(ACTIONS, key=lambda action: action.group)]

    def set_keys(self, name: str, keys: str) -> None:
        """Gives an action other keys, and keeps them.

        Args:
            name: the action.
            keys: as `QKeySequence.listToString` writes them, such as `Left; 1`; empty for none.

        Raises:
            ShortcutError: another action that can be used at the same time has one of them, or it is no key.
        """
        problem = self._problem(name, keys)
        if problem is not None:
            raise ShortcutError(problem)
        self._own[name] = keys
        self._keep(name)

    def reset(self, name: str) -> None:
        """Gives an action its default keys again.

        Raises:
            ShortcutError: another action has one of them by now.
        """
        problem = self._problem(name, "; ".join(self._actions[name].keys))
        if problem is not None:
            raise ShortcutError(problem)
        self._own.pop(name, None)
        self._keep(name)

    def bind(self, name: str, widget: QWidget, act: Callable[[], None]) -> None:
        """Calls `act` when a key of the action is pressed while `widget` is visible in the active window."""
        self._bound.setdefault(name, []).append((widget, act))
        self._listening.setdefault(name, []).extend(self._listeners(name, widget, act))

    def _listeners(self, name: str, widget: QWidget, act: Callable[[], None]) -> list[QShortcut]:
        made = []
        for key in self.keys(name):
            shortcut = QShortcut(QKeySequence(key), widget)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(self._actions[name].repeats)
            shortcut.activated.connect(act)
            made.append(shortcut)
        return made

    def _keep(self, name: str) -> None:
        for shortcut in self._listening.pop(name, []):
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        for widget, act in self._bound.get(name, []):
            self._listening.setdefault(name, []).extend(self._listeners(name, widget, act))
        self._studio.set_setting(SETTING, dict(self._own))
        self.changed.emit()

    def _problem(self, name: str, keys: str) -> str | None:
        """Why an action cannot have these keys, in one sentence."""
        action = self._actions[name]
        wanted = _sequences(keys)
        for sequence in wanted:
            written = sequence.toString(QKeySequence.SequenceFormat.PortableText)
            if sequence.isEmpty() or not written:
                return f"'{keys}' is not a key."
            for other in ACTIONS:
                if other.name != name and _meet(action.scope, other.scope) and written in self.keys(other.name):
                    return f"The key '{written}' belongs to '{other.title}' already: choose another one."
        return None


def _sequences(keys: str) -> list[QKeySequence]:
    return list(QKeySequence.listFromString(keys, QKeySequence.SequenceFormat.PortableText)) if keys else []


def _meet(one: Scope, other: Scope) -> bool:
    """Whether actions of two scopes can be used on the same screen."""
    if one is other or Scope.EVERYWHERE in (one, other):
        return True
    return Scope.CLIPS in (one, other)
