"""Colours, sizes and the style sheet: light and dark, from the system or as the person chose.

A widget says what it is with `set_role`, and the style sheet does the rest. A widget that paints itself reads
`current()` while it paints; one that keeps colours elsewhere (an icon, a plot) connects to `notifier().changed`.
"""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from ui.style_sheet import style_sheet

GRID = 8
"""All distances are multiples of this, or its half, in device-independent pixels."""
TEXT_PX = 13
"""Size of text, unless the system's is larger: then everything that holds text grows with it."""
LARGEST_SCALE = 3.0
"""Text does not grow beyond so many times its size."""
CONTROL_PX = 32
"""Height of a button."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA for text."""

ROLE = "role"
"""The dynamic property that the style sheet goes by."""
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they mean, each `#rrggbb`."""

    dark: bool
    window: str
    """Behind everything."""
    surface: str
    """Cards and columns on the window."""
    raised: str
    """Buttons and what can be touched."""
    hover: str
    border: str
    text: str
    muted: str
    """Less important text."""
    accent: str
    """The one accent: what to do next, and what is chosen."""
    on_accent: str
    left: str
    """Everything about the left clip; its mark is a triangle to the left or a circle."""
    right: str
    """Everything about the right clip; its mark is a triangle to the right or a square."""
    on_side: str
    """Text on the two."""
    good: str
    warning: str
    danger: str
    stage: str
    """Behind a picture that is not there yet."""
    on_stage: str


LIGHT = Palette(
    dark=False,
    window="#f3f5f7", surface="#ffffff", raised="#edf0f3", hover="#e2e7ec", border="#cbd3db",
    text="#1a2027", muted="#55606c", accent="#0a5fb4", on_accent="#ffffff",
    left="#6d3fc0", right="#4f6400", on_side="#ffffff", good="#14693a", warning="#8a5200", danger="#b3261e",
    stage="#232a33", on_stage="#dbe2e9",
)  # fmt: skip
DARK = Palette(
    dark=True,
    window="#14181d", surface="#1b2027", raised="#262d36", hover="#303945", border="#3a4451",
    text="#e9edf1", muted="#a3aeba", accent="#6cb4ff", on_accent="#0b1a2b",
    left="#bda2ff", right="#c2d84f", on_side="#14181d", good="#6fd39a", warning="#f2b759", danger="#ff8f85",
    stage="#0f1317", on_stage="#b9c4cf",
)  # fmt: skip

TEXT_PAIRS = (
    ("text", "window"), ("text", "surface"), ("text", "raised"), ("text", "hover"),
    ("muted", "window"), ("muted", "surface"), ("muted", "raised"),
    ("accent", "window"), ("accent", "surface"), ("on_accent", "accent"),
    ("left", "window"), ("left", "surface"), ("right", "window"), ("right", "surface"),
    ("on_side", "left"), ("on_side", "right"),
    ("good", "raised"), ("danger", "raised"), ("surface", "good"), ("surface", "danger"),
    ("good", "window"), ("good", "surface"), ("warning", "window"), ("warning", "surface"),
    ("danger", "window"), ("danger", "surface"), ("on_stage", "stage"),
)  # fmt: skip
"""Every (text, ground) that is used; a test holds each to LEAST_CONTRAST in both palettes."""


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours `#rrggbb`, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def current() -> Palette:
    """The colours in force."""
    return notifier().palette


def color(name: str, alpha: float = 1.0) -> QColor:
    """A colour in force by its name in `Palette`, with an opacity."""
    made = QColor(getattr(current(), name))
    made.setAlphaF(alpha)
    return made


class Notifier(QObject):
    """Knows the palette in force, and tells when it is another one."""

    changed: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.palette = LIGHT
        self.choice = ""
        self.text_scale = 1.0

    def apply(self, application: QApplication, choice: str) -> None:
        """See the function of this name."""
        hints = application.styleHints()
        if not self.choice:
            application.setStyle("Fusion")
            hints.colorSchemeChanged.connect(self._on_system_changed)
        self.choice = choice
        if choice == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if choice == "dark" else Qt.ColorScheme.Light)
        self._dress(application)

    @Slot()
    def _on_system_changed(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            self._dress(application)

    def _dress(self, application: QApplication) -> None:
        scheme = application.styleHints().colorScheme()
        dark = self.choice == "dark" or (self.choice == "system" and scheme is Qt.ColorScheme.Dark)
        palette, scale = DARK if dark else LIGHT, system_text_scale()
        if (palette, scale) == (self.palette, self.text_scale) and application.styleSheet():
            return
        self.palette, self.text_scale = palette, scale
        application.setFont(text_font())
        application.setPalette(_qt_palette(palette))
        application.setStyleSheet(style_sheet(palette, scaled))
        self.changed.emit()


def system_text_scale() -> float:
    """How much larger the system's text is than ours, 1 to LARGEST_SCALE: its font, and its scale of text."""
    system = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
    return min(max(system / TEXT_PX, 1.0), LARGEST_SCALE)


_notifier: list[Notifier] = []


def notifier() -> Notifier:
    """The one notifier of the program."""
    if not _notifier:
        _notifier.append(Notifier())
    return _notifier[0]


def apply(application: QApplication, choice: str) -> None:
    """Dresses the whole program, at once and whenever the system's scheme changes.

    Args:
        application: the running application.
        choice: one of THEMES; anything else is taken for `system`.
    """
    notifier().apply(application, choice if choice in THEMES else THEMES[0])


def scaled(pixels: float) -> int:
    """A size in pixels of something that holds text, as the size of the system's text wants it."""
    return round(pixels * notifier().text_scale)


def text_font(pixels: int = TEXT_PX, *, bold: bool = False) -> QFont:
    """The system's font with digits of one width; `pixels` is its size before it grows with the system's text."""
    font = QFont()
    font.setPixelSize(scaled(pixels))
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def set_role(widget: QWidget, role: str) -> None:
    """Tells the style sheet what a widget is; may be changed while it is shown. The roles are in `ui.style_sheet`."""
    if widget.property(ROLE) != role:
        widget.setProperty(ROLE, role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _luminance(colour: str) -> float:
    """WCAG's relative luminance of `#rrggbb`."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _qt_palette(palette: Palette) -> QPalette:
    """The same colours for the widgets that Qt draws by itself."""
    made = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    for colour, roles in {
        palette.window: (role.Window,),
        palette.surface: (role.Base, role.ToolTipBase, role.AlternateBase),
        palette.raised: (role.Button, role.Midlight),
        palette.border: (role.Mid, role.Dark, role.Shadow),
        palette.text: (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText),
        palette.muted: (role.PlaceholderText,),
        palette.accent: (role.Highlight, role.Link, role.Accent),
        palette.on_accent: (role.HighlightedText,),
    }.items():
        for each in roles:
            made.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(group.Disabled, each, QColor(palette.muted))
    return made
