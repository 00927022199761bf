"""The style sheet, by the roles that widgets give themselves.

Sizes of text are for a system whose text is 13 px high; they grow with the system's.

Labels: `title` (20 px), `heading` (15 px), `caption` (over a block), `muted`, `number` (large), `good`, `warning`,
`danger`, `accent`, `answer`, `key` (a key cap). Buttons: none (plain), `primary`, `quiet` (no ground until touched),
`danger`, `answer`, `mark`, `flagged`. Frames: `card`, `column`, `banner`, `overlay`, `line` (a rule).
"""

import re
from collections.abc import Callable
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.theme import Palette

TEMPLATE = Template("""
QWidget { color: $text; font-size: ${px13}; }
QMainWindow, QDialog, QWidget[role="window"] { background: $window; }
QToolTip { background: $surface; color: $text; border: 1px solid $border; padding: 4px 8px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${px20}; font-weight: 600; }
QLabel[role="heading"] { font-size: ${px15}; font-weight: 600; }
QLabel[role="caption"] { font-size: ${px12}; font-weight: 600; color: $muted; }
QLabel[role="answer"] { font-size: ${px14}; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="number"] { font-size: ${px18}; font-weight: 600; }
QLabel[role="good"] { color: $good; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="accent"] { color: $accent; font-weight: 600; }

QLabel[role="key"] {
    background: $raised; border: 1px solid $border; border-bottom: 2px solid $border; border-radius: 4px;
    padding: 1px 6px; font-size: ${px12}; font-weight: 600;
}

QPushButton, QToolButton {
    background: $raised; border: 1px solid $border; border-radius: 6px; padding: 0 12px; min-height: ${px30};
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $border; }
QPushButton:checked, QToolButton:checked { border-color: $accent; color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: transparent; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; }
QPushButton[role="primary"] { background: $accent; border-color: $accent; color: $on_accent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent; border: 2px solid $text; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $raised; border-color: $border; color: $muted; }
QPushButton[role="quiet"] { background: transparent; border-color: transparent; padding: 0 8px; }
QPushButton[role="quiet"]:hover { background: $hover; }
QPushButton[role="quiet"]:checked { border-color: transparent; background: $raised; }
QPushButton[role="quiet"]:focus { border: 2px solid $accent; }
QPushButton[role="danger"] { color: $danger; }
QPushButton[role="answer"] { border-radius: 8px; min-height: ${px46}; font-size: ${px14}; font-weight: 600; }
QPushButton[role="answer"]:checked {
    background: $hover; border: 2px solid $accent; border-bottom: 5px solid $accent;
}
QPushButton[role="pad-reward"], QPushButton[role="pad-punish"] {
    border-radius: 8px; min-height: ${px54}; font-size: ${px15}; font-weight: 600;
}
QPushButton[role="pad-reward"] { color: $good; border: 2px solid $good; }
QPushButton[role="pad-punish"] { color: $danger; border: 2px solid $danger; }
QPushButton[role="pad-reward"]:pressed { background: $good; color: $surface; }
QPushButton[role="pad-punish"]:pressed { background: $danger; color: $surface; }
QPushButton[role="pad-reward"]:focus, QPushButton[role="pad-punish"]:focus { border: 2px solid $text; }
QPushButton[role="mark"], QPushButton[role="flagged"] { padding: 0; min-height: ${px28}; }
QPushButton[role="flagged"] { border-color: $warning; border-bottom: 3px solid $warning; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }

QFrame[role="card"] { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame[role="column"] { background: $surface; border: 0; border-left: 1px solid $border; }
QFrame[role="banner"] { background: $surface; border: 1px solid $warning; border-radius: 8px; }
QFrame[role="overlay"] { background: $surface; border: 1px solid $border; border-radius: 10px; }
QFrame[role="line"] { background: $border; border: 0; max-height: 1px; min-height: 1px; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QKeySequenceEdit QLineEdit {
    background: $surface; border: 1px solid $border; border-radius: 6px; padding: 4px 8px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus { border: 2px solid $accent; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $border; selection-background-color: $accent; }
QMenu { background: $surface; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $hover; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }

QScrollArea, QScrollArea > QWidget > QWidget[role="plain"] { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar {
    background: $raised; border: 1px solid $border; border-radius: 4px; max-height: 8px; min-height: 8px;
    text-align: right;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QTabBar::tab { padding: 6px 16px; border: 0; border-bottom: 2px solid transparent; color: $muted; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabWidget::pane { border: 0; border-top: 1px solid $border; }
QHeaderView::section { background: $surface; border: 0; border-bottom: 1px solid $border; padding: 4px 8px; }
QTableView, QTableWidget, QTreeView, QListView { background: $surface; border: 1px solid $border; border-radius: 6px; }
""")


SIZES = frozenset(re.findall(r"\$\{px(\d+)\}", TEMPLATE.template))
"""Sizes in pixels, as drawn, that grow with the text: `${px13}` is one of 13."""


def style_sheet(palette: "Palette", scaled: Callable[[float], int]) -> str:
    """The style sheet in the colours of `palette`, with sizes of text as `scaled` makes them, in pixels."""
    sizes = {f"px{size}": f"{scaled(int(size))}px" for size in SIZES}
    return TEMPLATE.substitute(sizes | {name: getattr(palette, name) for name in palette.__slots__})
