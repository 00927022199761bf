"""Left and right, the four answers and the two presses: their words, marks and colours, the same on every screen."""

from enum import StrEnum

from learning.messages import Choice, Press


class Side(StrEnum):
    """Where a clip is shown. The values are also names of colours and icons."""

    LEFT = "left"
    RIGHT = "right"


WORDS = {
    Choice.LEFT: "prefer left",
    Choice.RIGHT: "prefer right",
    Choice.EQUAL: "equal",
    Choice.CANNOT_TELL: "can't tell",
}
"""How an answer is named, as in `Undo: prefer left`."""
TAKE_BACK = "remove answer"
"""How taking an answer back is named, as in `Undo: remove answer`."""
SHORT = {
    Choice.LEFT: "Left",
    Choice.RIGHT: "Right",
    Choice.EQUAL: "Equal",
    Choice.CANNOT_TELL: "Can't tell",
}
"""What stands on the button that gives an answer."""
ICONS = {Choice.LEFT: "left", Choice.RIGHT: "right", Choice.EQUAL: "equal", Choice.CANNOT_TELL: "cannot-tell"}
COLOURS = {Choice.LEFT: "left", Choice.RIGHT: "right", Choice.EQUAL: "accent", Choice.CANNOT_TELL: "muted"}
SIDES = {
    Choice.LEFT: (Side.LEFT,),
    Choice.RIGHT: (Side.RIGHT,),
    Choice.EQUAL: (Side.LEFT, Side.RIGHT),
    Choice.CANNOT_TELL: (),
}
"""Which panes light up on an answer."""
ACTIONS = {
    Choice.LEFT: "prefer_left",
    Choice.RIGHT: "prefer_right",
    Choice.EQUAL: "equal",
    Choice.CANNOT_TELL: "cannot_tell",
}
"""The shortcut that gives an answer."""

PRESS_COLOURS = {Press.REWARD: "good", Press.PUNISH: "danger"}
PRESS_WORDS = {Press.REWARD: "Reward", Press.PUNISH: "Punish"}
