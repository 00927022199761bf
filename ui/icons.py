"""Our own icons, in the colours of the theme. The drawings are in `resources/icons`."""

from functools import cache, lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from ui import theme

SIZE = 20
"""Pixels along a side, as icons are usually shown."""
SCALES = (1.0, 1.5, 2.0, 3.0)
"""Device pixel ratios for which a picture is kept ready."""
CURRENT_COLOUR = "currentColor"
KEPT = 512
"""Drawn icons kept: drawing one takes milliseconds, and the answers' change colour with every pair."""


def pixmap(name: str, colour: QColor, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """The icon `name` in one colour.

    Args:
        name: the file's name without `.svg`.
        colour: what it is drawn in.
        size: device-independent pixels along a side.
        ratio: device pixels in one of these.
    """
    made = QPixmap.fromImage(_drawn(name, colour.rgba(), round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, colour: str = "text", size: int = SIZE) -> QIcon:
    """The icon `name` in a colour of the theme as it is now; paler when disabled."""
    made = QIcon()
    for ratio in SCALES:
        made.addPixmap(pixmap(name, theme.color(colour), size, ratio), QIcon.Mode.Normal)
        made.addPixmap(pixmap(name, theme.color("muted", 0.5), size, ratio), QIcon.Mode.Disabled)
    return made


def paint(painter: QPainter, name: str, where: QRectF, colour: QColor) -> None:
    """Draws the icon `name` as part of a widget that paints itself."""
    QSvgRenderer(QByteArray(_source(name).replace(CURRENT_COLOUR, colour.name()).encode())).render(painter, where)


class ThemedIcon(QObject):
    """Keeps a button's icon in the colours of the theme."""

    def __init__(self, button: QAbstractButton, name: str, colour: str = "text") -> None:
        """`colour` is a name of `theme.Palette`."""
        super().__init__(button)
        self._button, self._name, self._colour = button, name, colour
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def show(self, name: str, colour: str | None = None) -> None:
        """Another icon, or another colour."""
        wanted = (name, colour or self._colour)
        if wanted != (self._name, self._colour):
            self._name, self._colour = wanted
            self._draw()

    @Slot()
    def _draw(self) -> None:
        self._button.setIcon(icon(self._name, self._colour))


@lru_cache(KEPT)
def _drawn(name: str, rgba: int, pixels: int) -> QImage:
    """The icon, square; not to be changed."""
    drawn = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(Qt.GlobalColor.transparent)
    colour = QColor.fromRgba(rgba)
    svg = QSvgRenderer(QByteArray(_source(name).replace(CURRENT_COLOUR, colour.name()).encode()))
    painter = QPainter(drawn)
    painter.setOpacity(colour.alphaF())
    svg.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return drawn


@cache
def _source(name: str) -> str:
    return files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
