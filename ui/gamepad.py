"""Game controllers: two buttons reward and two punish. Read by SDL, in its standard layout, whatever the make."""

import logging
import os
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance, Slot

from learning.messages import Press

log = logging.getLogger(__name__)

LOOK_MS = 8
"""Between two looks at the buttons."""
RECOUNT_LOOKS = 125
"""After so many looks it is seen whether a controller was plugged in."""
REWARD_BUTTONS = (0, 10)
"""SDL_CONTROLLER_BUTTON_A and RIGHTSHOULDER: the lower one of the four, and the right shoulder."""
PUNISH_BUTTONS = (1, 9)
"""B and LEFTSHOULDER: the right one of the four, and the left shoulder."""
QUIET = {
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    "SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS": "1",
    "SDL_NO_SIGNAL_HANDLERS": "1",
    "SDL_VIDEODRIVER": "dummy",
}
"""SDL opens no window here, has no say in which one is active, and leaves Ctrl-C to us."""


class Gamepad(QObject):
    """Looks at all controllers for as long as it is switched on."""

    went_down: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Press) one of its buttons."""
    came_up: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Press) all of its buttons."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Off; nothing is loaded yet."""
        super().__init__(parent)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._controllers: dict[int, Any] = {}
        """By their number: plugged in."""
        self._down: set[Press] = set()
        self._looks = 0
        self._usable: bool | None = None
        """None: not tried yet."""

    @property
    def count(self) -> int:
        """Controllers that are looked at."""
        return len(self._controllers)

    def start(self) -> None:
        """Looks from now on, if SDL can be loaded."""
        if self._usable is None:
            self._usable = _start_sdl()
        if self._usable:
            self._recount()
            self._timer.start()

    def stop(self) -> None:
        """Looks no more; what was down has come up."""
        self._timer.stop()
        self._tell(set())

    @Slot()
    def _look(self) -> None:
        import pygame

        pygame.event.pump()
        self._looks += 1
        if self._looks % RECOUNT_LOOKS == 0:
            self._recount()
        down = set()
        for press, buttons in ((Press.REWARD, REWARD_BUTTONS), (Press.PUNISH, PUNISH_BUTTONS)):
            if any(each.get_button(button) for each in self._controllers.values() for button in buttons):
                down.add(press)
        self._tell(down)

    def _tell(self, down: set[Press]) -> None:
        before, self._down = self._down, down
        for press in (Press.REWARD, Press.PUNISH):
            if press in down and press not in before:
                self.went_down.emit(press)
            elif press in before and press not in down:
                self.came_up.emit(press)

    def _recount(self) -> None:
        import pygame
        from pygame._sdl2 import controller as sdl

        pygame.event.pump()
        found = {}
        for number in range(sdl.get_count()):
            if sdl.is_controller(number):
                found[number] = self._controllers.get(number) or sdl.Controller(number)
        if found.keys() != self._controllers.keys():
            log.info("%d game controller(s)", len(found))
        self._controllers = {number: each for number, each in found.items() if each.attached()}


def _start_sdl() -> bool:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import pygame
        from pygame._sdl2 import controller as sdl

        pygame.display.init()
        sdl.init()
    except (ImportError, RuntimeError) as error:  # pygame.error is a RuntimeError
        log.warning("no game controllers: %s", error)
        return False
    return True
