"""What is painted over a live picture: a sentence where there is no picture, short marks, the arrow of a push."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPolygonF

from ui import theme

SLACK = 1.0
"""So many pixels may either side of a picture miss the right shape by: sides are whole numbers."""
CHIP_HEIGHT = 24
CHIP_PADDING = 10
MARGIN = 8
CHIP_OPACITY = 0.86
ARROW_COLOUR = "#ffd166"
"""On the scene, which is dark in both themes."""
ARROW_RIM = "#1a1205"
ARROW_WIDTH = 4.0
HEAD_LENGTH = 14.0
HEAD_ANGLE = math.radians(28)
GRIP_RADIUS = 5.0


def round_corners(painter: QPainter, rect: QRectF, radius: float) -> None:
    """Smooth pictures in `rect`, with round corners, from here on."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    corners = QPainterPath()
    corners.addRoundedRect(rect, radius, radius)
    painter.setClipPath(corners)


def middle_part(picture: QImage, aspect: float) -> QRectF:
    """Returns the largest part of a picture with an aspect ratio, about its middle."""
    width = min(float(picture.width()), picture.height() * aspect)
    height = width / aspect
    return QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)


def paint_whole(painter: QPainter, rect: QRectF, picture: QImage) -> None:
    """A picture as large as it fits into `rect`, undistorted and uncut; beside it is the colour of an empty stage.

    Only a picture that was drawn for another shape leaves room there, until one of the right shape has come: what lies
    at its edges may be a number, which would read as another one if it were cut.
    """
    width, height = picture.width(), picture.height()
    place = rect
    if abs(width * rect.height() - height * rect.width()) > SLACK * (rect.width() + rect.height()):
        scale = min(rect.width() / width, rect.height() / height)
        place = QRectF(0.0, 0.0, scale * width, scale * height)
        place.moveCenter(rect.center())
        painter.fillRect(rect, theme.color("stage"))
    painter.drawImage(place, picture)


def paint_message(painter: QPainter, rect: QRectF, sentence: str, *, bad: bool = False) -> None:
    """One sentence in the middle of an empty picture."""
    painter.fillRect(rect, theme.color("stage"))
    painter.setPen(QColor(theme.DARK.danger) if bad else theme.color("on_stage"))
    painter.setFont(theme.text_font())
    inner = rect.adjusted(2 * MARGIN, MARGIN, -2 * MARGIN, -MARGIN)
    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)


def paint_chip(painter: QPainter, rect: QRectF, text: str, tone: str, opacity: float = 1.0) -> None:
    """A short mark in the lower left corner of a picture, in a colour of the palette."""
    font = theme.text_font(12, bold=True)
    width = QFontMetrics(font).horizontalAdvance(text) + 2 * CHIP_PADDING
    chip = QRectF(rect.left() + MARGIN, rect.bottom() - MARGIN - CHIP_HEIGHT, width, CHIP_HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity)
    ground = QColor(theme.DARK.window)
    ground.setAlphaF(CHIP_OPACITY)
    painter.setBrush(ground)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(chip, CHIP_HEIGHT / 2, CHIP_HEIGHT / 2)
    painter.setPen(QColor(getattr(theme.DARK, tone)))
    painter.setFont(font)
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def paint_arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """An arrow from the part that is held to the pointer that pulls it."""
    along = end - start
    length = math.hypot(along.x(), along.y())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, extra in ((ARROW_RIM, 3.0), (ARROW_COLOUR, 0.0)):
        pen = QPen(QColor(colour), ARROW_WIDTH + extra)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(start, GRIP_RADIUS, GRIP_RADIUS)
        if length > HEAD_LENGTH:
            angle = math.atan2(along.y(), along.x())
            sides = [
                end - QPointF(HEAD_LENGTH * math.cos(angle + turn), HEAD_LENGTH * math.sin(angle + turn))
                for turn in (HEAD_ANGLE, -HEAD_ANGLE)
            ]
            painter.drawLine(start, end)
            painter.drawPolyline(QPolygonF([sides[0], end, sides[1]]))
    painter.restore()
