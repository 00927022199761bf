"""Game controllers, with a virtual one of SDL's: its buttons press the pads, only while they are seen."""

import ctypes
import glob
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from learning.messages import Press
from tests.unit.ui.conftest import WAIT_MS
from ui.gamepad import PUNISH_BUTTONS, REWARD_BUTTONS, Gamepad
from ui.press_pads import HOLD_MS, PressPads

GAME_CONTROLLER, AXES, BUTTONS, HATS = 1, 6, 15, 1
"""SDL_JOYSTICK_TYPE_GAMECONTROLLER, and what it has."""
Hold = Callable[[int, bool], None]


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Holds a button of a controller that SDL takes for a real one, or lets it go."""
    gamepad = Gamepad()
    gamepad.start()
    import pygame
    from pygame._sdl2 import controller

    if gamepad._usable is not True:
        pytest.skip("SDL cannot be used here")
    folder = Path(pygame.__file__).parent.parent / "pygame_ce.libs"
    found = glob.glob(str(folder / "libSDL2-2*"))
    if not found:
        pytest.skip("this pygame keeps its SDL elsewhere")
    sdl = ctypes.CDLL(found[0])
    sdl.SDL_JoystickFromInstanceID.restype = ctypes.c_void_p
    sdl.SDL_JoystickSetVirtualButton.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint8]
    number = sdl.SDL_JoystickAttachVirtual(GAME_CONTROLLER, AXES, BUTTONS, HATS)
    assert number >= 0
    gamepad.stop()
    device = controller.Controller(number)
    joystick = sdl.SDL_JoystickFromInstanceID(device.as_joystick().get_instance_id())
    yield lambda button, down: sdl.SDL_JoystickSetVirtualButton(joystick, button, int(down))
    sdl.SDL_JoystickDetachVirtual(number)
    pygame.event.pump()


@pytest.fixture
def pads(qtbot: QtBot) -> Iterator[tuple[PressPads, list[tuple[Press, bool]]]]:
    """Both pads in an active window, and what they gave."""
    window, given = QWidget(), []
    pads = PressPads()
    pads.setParent(window)
    pads.given.connect(lambda press, strong: given.append((press, strong)))
    qtbot.addWidget(window)
    window.resize(400, 100)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    pads.show()
    yield pads, given
    pads.hide()


@pytest.mark.parametrize(
    ("button", "press"),
    [(button, Press.REWARD) for button in REWARD_BUTTONS] + [(button, Press.PUNISH) for button in PUNISH_BUTTONS],
)
def test_buttons_press_the_pads(
    hold: Hold, pads: tuple[PressPads, list[tuple[Press, bool]]], qtbot: QtBot, button: int, press: Press
) -> None:
    widget, given = pads
    widget.hide()
    widget.show()  # the controller was plugged in meanwhile
    assert widget.gamepad.count == 1
    hold(button, True)
    qtbot.waitUntil(lambda: widget.pads[press].isDown(), timeout=WAIT_MS)
    assert given == []
    hold(button, False)
    qtbot.waitUntil(lambda: given == [(press, False)], timeout=WAIT_MS)


def test_a_button_that_is_held_presses_strongly_and_once(
    hold: Hold, pads: tuple[PressPads, list[tuple[Press, bool]]], qtbot: QtBot
) -> None:
    widget, given = pads
    widget.hide()
    widget.show()
    hold(REWARD_BUTTONS[0], True)
    qtbot.waitUntil(lambda: given == [(Press.REWARD, True)], timeout=HOLD_MS + WAIT_MS)
    hold(REWARD_BUTTONS[1], True)
    hold(REWARD_BUTTONS[0], False)
    hold(REWARD_BUTTONS[1], False)
    qtbot.wait(100)
    assert given == [(Press.REWARD, True)]


def test_pads_that_are_not_seen_hear_nothing(
    hold: Hold, pads: tuple[PressPads, list[tuple[Press, bool]]], qtbot: QtBot
) -> None:
    widget, given = pads
    widget.hide()
    hold(REWARD_BUTTONS[0], True)
    qtbot.wait(100)
    hold(REWARD_BUTTONS[0], False)
    assert given == []


def test_without_sdl_the_pads_work_on(qtbot: QtBot) -> None:
    """In a process of its own: what was loaded once stays loaded."""
    code = (
        "import sys; sys.modules['pygame'] = None\n"
        "from PySide6.QtWidgets import QApplication; application = QApplication([])\n"
        "from ui.gamepad import Gamepad\n"
        "gamepad = Gamepad(); gamepad.start(); assert gamepad.count == 0; gamepad.stop()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
