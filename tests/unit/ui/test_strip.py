"""The strip of last answers: no more marks than there is room for, at any width."""

from itertools import pairwise

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from learning.messages import Choice
from ui.ports import LabelRecord
from ui.teach.strip import MARK, Strip

ANSWERS = 30


def lies_well(strip: Strip) -> bool:
    """Whether the marks fill the strip, and none lies on another or beyond the edge."""
    places = [mark.x() for mark in strip.marks]
    apart = all(after - before >= MARK for before, after in pairwise(places))
    return len(places) == strip.room and apart and places[0] >= 0 and places[-1] + MARK <= strip.width()


def test_the_marks_follow_the_room(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    strip = Strip()
    strip.setParent(window)
    strip.show_records([LabelRecord(number, number, Choice.LEFT, False, 1.0) for number in range(ANSWERS)])
    window.show()
    for width in (290, 120, 500):
        strip.resize(width, MARK)
        qtbot.waitUntil(lambda: lies_well(strip))
        assert [mark.record.pair_id for mark in strip.marks] == list(range(ANSWERS - strip.room, ANSWERS)), "the newest"
