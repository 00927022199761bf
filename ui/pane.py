"""A pane that shows one clip: its picture, its side, the cut between loops; or a sentence in place of it all."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy

from sim.render import Image
from ui import icons, theme
from ui.controls import Button
from ui.dragged import DraggedPicture
from ui.frames import as_qimage
from ui.live_paint import paint_whole
from ui.sides import Side

FLASH_MS = 120
"""A chosen pane's frame is lit for so long."""
FRAME, LIT_FRAME = 2.0, 6.0
"""Width of the frame, as usual and lit."""
RADIUS = 8.0
CUT_SHADE = 0.55
"""The picture is darkened by this in the cut, and where a clip has ended before the other."""
CHIP, CHIP_ICON = 26, 16
"""Height of a label on the picture, and of the icon on it."""


class ClipPane(DraggedPicture):
    """One clip's picture. It knows nothing of clips: it is handed pictures and says what the pointer does."""

    painted: SignalInstance = Signal(str, int)  # type: ignore[assignment]
    """(side, pair's id) the first picture of this pair is on the screen."""
    reset: SignalInstance = Signal()  # type: ignore[assignment]
    """A double click."""
    retry: SignalInstance = Signal()  # type: ignore[assignment]
    """The button below a sentence was pressed."""
    resized: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, side: Side) -> None:
        """Shows nothing yet."""
        super().__init__(cursor=Qt.CursorShape.OpenHandCursor)
        self.side = side
        self.setObjectName(f"pane-{side}")
        self.setAccessibleName(f"The {side} clip")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 140)
        self._picture: QImage | None = None
        self._pixels: Image | None = None
        self._pair_id: int | None = None
        self._painted_id: int | None = None
        self._message = ""
        self._ended = False
        self._cut = 0.0
        self._lit = ""
        self._unlight = QTimer(self)
        self._unlight.setSingleShot(True)
        self._unlight.setTimerType(Qt.TimerType.PreciseTimer)
        self._unlight.timeout.connect(self._on_unlight)
        self._button = Button("Try again", name=f"pane-{side}-retry")
        self._button.setParent(self)
        self._button.clicked.connect(self.retry)
        self._button.hide()

    @property
    def picture(self) -> QImage | None:
        """What it shows; shares its pixels with the renderer's picture."""
        return self._picture

    @property
    def message(self) -> str:
        """The sentence in place of a picture; empty if there is one."""
        return self._message

    @property
    def lit(self) -> bool:
        """Whether the frame is lit."""
        return bool(self._lit)

    def show_picture(self, pixels: Image, pair_id: int, *, ended: bool = False, cut: float = 0.0) -> None:
        """Shows a picture.

        Args:
            pixels: (h, w, 3); not to be changed afterwards.
            pair_id: the pair that it belongs to.
            ended: whether this clip has ended and waits for the other.
            cut: how far the cut between two loops has come, 0 to 1.
        """
        if pixels is not self._pixels:
            self._picture, self._pixels = as_qimage(pixels), pixels
        elif (pair_id, ended, cut) == (self._pair_id, self._ended, self._cut) and not self._message:
            return
        if pair_id != self._pair_id:
            # also where the same pair was painted before, and another came and went between two paintings
            self._painted_id = None
            self._lit = ""  # what was chosen is gone
        self._pair_id, self._ended, self._cut = pair_id, ended, cut
        self._message = ""
        self._button.hide()
        self.update()

    def forget_painted(self) -> None:
        """Tells again when the next picture is on the screen, also one of the pair that is there already."""
        self._painted_id = None
        self.update()

    def show_message(self, sentence: str, action: str = "") -> None:
        """Shows a sentence in place of a picture, with a button if `action` says what it does."""
        if sentence == self._message and bool(action) == self._button.isVisible():
            return
        self._message = sentence
        self._picture, self._pixels, self._pair_id, self._painted_id = None, None, None, None
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._place_button()
        self.update()

    def light(self, colour: str) -> None:
        """Lights the frame up for a moment, in a colour of the theme."""
        self._lit = colour
        self._unlight.start(FLASH_MS)
        self.update()

    def sizeHint(self) -> QSize:
        """As large as it may be."""
        return QSize(440, 440)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Picture, cut, labels and frame; or the sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(outline, RADIUS, RADIUS)
        painter.setClipPath(shape)
        if self._picture is None:
            painter.fillRect(self.rect(), theme.color("stage"))
            self._paint_message(painter)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            paint_whole(painter, QRectF(self.rect()), self._picture)
            self._paint_cut(painter)
        self._paint_side(painter)
        painter.setClipping(False)
        width = LIT_FRAME if self._lit else FRAME
        painter.setPen(QPen(theme.color(self._lit or "border"), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            outline.adjusted(width / 2 - 1, width / 2 - 1, 1 - width / 2, 1 - width / 2), RADIUS, RADIUS
        )
        painter.end()
        if self._picture is not None and self._pair_id is not None and self._painted_id != self._pair_id:
            self._painted_id = self._pair_id
            self.painted.emit(str(self.side), self._pair_id)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """The camera goes back."""
        self.reset.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures of another size are wanted."""
        super().resizeEvent(event)
        self._place_button()
        self.resized.emit()

    @Slot()
    def _on_unlight(self) -> None:
        self._lit = ""
        self.update()

    def _place_button(self) -> None:
        self._button.adjustSize()
        self._button.move((self.width() - self._button.width()) // 2, self.height() // 2 + 3 * theme.GRID)

    def _paint_message(self, painter: QPainter) -> None:
        painter.setPen(theme.color("on_stage"))
        painter.setFont(theme.text_font(14))
        margin = 4 * theme.GRID
        area = QRectF(margin, 0, self.width() - 2 * margin, self.height() / 2 + theme.GRID)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
        painter.drawText(area, flags, self._message)

    def _paint_cut(self, painter: QPainter) -> None:
        if self._cut > 0.0 or self._ended:
            painter.fillRect(
                self.rect(), theme.color("stage", CUT_SHADE * (min(1.0, 3 * self._cut) if self._cut else 1.0))
            )
        if self._cut > 0.0:
            self._chip(painter, "replay", "again", "on_stage", at_left=False)
        elif self._ended:
            self._chip(painter, "", "ended", "on_stage", at_left=False)

    def _paint_side(self, painter: QPainter) -> None:
        self._chip(painter, self.side, str(self.side).capitalize(), self.side, at_left=True)

    def _chip(self, painter: QPainter, icon: str, text: str, colour: str, *, at_left: bool) -> None:
        """A label in one of the lower corners: the side on the left, what happens on the right."""
        drawn = chip(icon, text, colour, QFont().key(), self.devicePixelRatioF())
        width = drawn.deviceIndependentSize().width()
        left = theme.GRID + 2.0 if at_left else self.width() - width - theme.GRID - 2.0
        painter.drawPixmap(QPointF(left, self.height() - theme.scaled(CHIP) - theme.GRID - 2.0), drawn)


@lru_cache(maxsize=32)
def chip(icon: str, text: str, colour: str, font: str, ratio: float) -> QPixmap:  # noqa: ARG001 - a part of the key
    """A label on a shade, kept: drawing text and an icon anew took more time than the picture they lie on.

    Args:
        icon: its name, or nothing.
        text: one word.
        colour: a name of `theme.Palette`; pictures are dark in both themes.
        font: the application's font, so that another one makes another label.
        ratio: device pixels in a device-independent one.
    """
    style = theme.text_font(bold=True)
    icon_width = 20 if icon else 0
    width, height = QFontMetrics(style).horizontalAdvance(text) + icon_width + 16, theme.scaled(CHIP)
    drawn = QPixmap(round(width * ratio), round(height * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    area = QRectF(0, 0, width, height)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(style)
    shade = QColor(theme.DARK.window)
    shade.setAlphaF(0.82)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade)
    painter.drawRoundedRect(area, 6, 6)
    ink = QColor(getattr(theme.DARK, colour))
    if icon:
        icons.paint(painter, icon, QRectF(7, (height - CHIP_ICON) / 2, CHIP_ICON, CHIP_ICON), ink)
    painter.setPen(ink)
    painter.drawText(area.adjusted(icon_width + 8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
    return drawn
