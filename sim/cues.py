"""What helps to see depth in a flat picture: trails, height lines, a patch of shadow, stronger lines on the floor."""

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.camera import CameraView
from sim.task import Floats
from sim.travel import Travel

FLOOR, TABLE = "floor", "table"
"""The geom at height 0 that shadows lie on. A floor, which robots travel on, has stronger lines too."""
NEAR = 0.05
"""Points nearer to the camera's plane than this, or behind it, are not in the picture; metres."""

TRAIL_COLOURS = ((255, 176, 64), (120, 200, 255))
"""RGB of the trails, in the order of the bodies; further bodies start again."""
TRAIL_OPACITY = 0.85
"""Of a trail's newest end; its oldest end has none."""
LINE_COLOUR = (236, 240, 244)
FONT = cv2.FONT_HERSHEY_SIMPLEX
TEXT_SCALE = 0.42
"""Of OpenCV's font at a picture height of TEXT_HEIGHT pixels, in proportion above it."""
TEXT_HEIGHT = 360
HEIGHT_OFFSET = 0.42
"""The height line stands this far to the left of the body, metres, so that it does not hide the robot;"""
USUAL_DEPTH = 3.0
"""nearer and with shorter ends, in proportion, when the body is nearer to the camera than this, metres."""
TICK = 0.06
"""Half length of the height line's ends, metres."""
FRAME_COLOUR = (150, 160, 172)

START_COLOUR = (1.0, 0.69, 0.25, 1.0)
START_TEXT_COLOUR = (255, 176, 64)
START_SIZE = (0.035, 1.2)
"""Half width and half length of the mark across the floor where a robot started, metres."""
START_WORD = "start"
START_LABEL = np.array([0.0, -0.45, 0.0])
"""Where the mark's word stands, from its middle: on the side of the usual camera, metres."""
TEXT_MARGIN = 10
"""Pixels between a picture's edge and the text in its corner, at a picture height of TEXT_HEIGHT; more above it."""
TEXT_GAP = 6
"""Pixels between a height line and its number."""
TRAVEL_LINES = 2
"""Lines of text in the upper left corner: distance and speed."""
LABEL_STRIP, LABEL_SHARE = 52, 0.17
"""A window may lay labels over so many pixels at a picture's lower edge, or over this share of a picture with more
pixels; a number under them could not be read."""
TEXT_RIM = (26, 32, 40)
"""Behind the letters, which may lie on anything."""

STRONG_EVERY = 5.0
"""Metres between the stronger lines of the floor's grid."""
STRONG_REACH = 10.0
"""and how far they reach about what is looked at: farther off they would only flicker."""
STRONG_HALF_WIDTH = 0.022
STRONG_COLOUR = (0.60, 0.66, 0.72, 1.0)
LIFT = 1e-3
"""What lies on the floor is drawn this high above it, metres, lest the two fight for the same pixels."""

SHADOW_LAYERS = (0.7, 1.0, 1.3)
"""Sizes of the discs that make up a soft shadow, as shares of the robot's outline from above."""
SHADOW_OPACITY = 0.22
"""Of one layer, for a robot on the floor."""
SHADOW_FADES = 2.0
"""At this height in metres a shadow has faded to SHADOW_LEAST of that."""
SHADOW_LEAST = 0.35
SHADOW_RIM = 0.04
"""Added to the outline, metres."""


def project(points: Floats, view: CameraView) -> tuple[Floats, NDArray[np.bool_]]:
    """World to picture.

    Args:
        points: (..., 3) metres.
        view: the camera.

    Returns:
        (..., 2) columns and rows in pixels (fractions kept; 0, 0 is the top left corner of the picture), and (...)
        whether the point is in front of the camera. Points that are not have pixels of NaN.
    """
    relative = np.asarray(points, np.float64) - view.position
    depth = relative @ view.forward
    in_front = depth > NEAR
    scale = view.focal / np.where(in_front, depth, np.nan)
    columns = view.width / 2.0 + scale * (relative @ view.right)
    rows = view.height / 2.0 - scale * (relative @ view.up)
    return np.stack([columns, rows], axis=-1), in_front


def draw_trail(picture: NDArray[np.uint8], view: CameraView, positions: Floats) -> None:
    """Draws where bodies have been, (k, nbody, 3) oldest first, as lines that fade towards the past."""
    pixels, in_front = project(positions, view)
    if not in_front.any():
        return
    count = len(positions)
    thickness = max(1, round(picture.shape[0] / 200))
    rim = thickness + 3
    left, top = np.maximum(np.clip(np.nanmin(pixels, axis=(0, 1)), 0, None).astype(int) - rim, 0)
    right, bottom = np.clip(np.nanmax(pixels, axis=(0, 1)), 0, view.width + view.height).astype(int) + rim
    part = picture[top:bottom, left:right]
    if part.size == 0:
        return
    layer = part.copy()
    opacity = np.zeros(part.shape[:2], np.uint8)
    for body in range(positions.shape[1]):
        colour = TRAIL_COLOURS[body % len(TRAIL_COLOURS)]
        for step in range(1, count):
            if in_front[step - 1, body] and in_front[step, body]:
                start, end = _whole(pixels[step - 1, body] - (left, top)), _whole(pixels[step, body] - (left, top))
                cv2.line(layer, start, end, colour, thickness, cv2.LINE_AA)
                cv2.line(opacity, start, end, round(255 * TRAIL_OPACITY * step / (count - 1)), thickness + 2)
    drawn = opacity > 0
    share = opacity[drawn, None].astype(np.float32) / 255.0
    part[drawn] = (share * layer[drawn] + (1.0 - share) * part[drawn]).astype(np.uint8)


def draw_height(picture: NDArray[np.uint8], view: CameraView, position: Floats) -> None:
    """Draws a dimension line beside a point (3,), from its height down to the floor, with the height in metres."""
    scale = min(1.0, float((position - view.position) @ view.forward) / USUAL_DEPTH)
    aside = position - scale * HEIGHT_OFFSET * view.right
    tick = scale * TICK * view.right
    foot = np.array([aside[0], aside[1], 0.0])
    ends = np.stack([aside, foot, aside - tick, aside + tick, foot - tick, foot + tick])
    pixels, in_front = project(ends, view)
    if not in_front.all():
        return
    top, bottom, *ticks = (_whole(pixel) for pixel in pixels)
    for start, end in ((top, bottom), (ticks[0], ticks[1]), (ticks[2], ticks[3])):
        cv2.line(picture, start, end, LINE_COLOUR, 1, cv2.LINE_AA)
    text = f"{position[2]:.2f} m"
    _write(picture, text, _beside(picture, text, np.array([top, bottom, *ticks])), LINE_COLOUR)


def _beside(picture: NDArray[np.uint8], text: str, line: NDArray[np.int_]) -> tuple[int, int]:
    """Where the words of a dimension line go: inside the picture, not on the line, and above the strip of labels.

    Args:
        picture: that they go into.
        text: the words.
        line: (n, 2) columns and rows of its ends.

    Returns:
        The column and row of their lower left corner.
    """
    height, width = picture.shape[:2]
    margin = round(TEXT_MARGIN * _magnified(picture))
    (wide, high), _ = cv2.getTextSize(text, FONT, TEXT_SCALE * _magnified(picture), 1)
    (left, upper), (right, lower) = line.min(axis=0), line.max(axis=0)
    last_column, last_row = width - wide - margin, height - max(LABEL_STRIP, round(LABEL_SHARE * height))

    def held(column: int, row: int) -> tuple[int, int]:
        return max(min(column, last_column), margin), max(min(row, last_row), high + margin)

    middle = int(upper + lower + high) // 2
    if left - TEXT_GAP - wide >= margin:
        return held(int(left) - TEXT_GAP - wide, middle)
    # at the left edge; what is written above it must stay clear of distance and speed
    if upper - TEXT_GAP >= TRAVEL_LINES * (high + margin) + margin + high:
        return held(int(left + right - wide) // 2, int(upper) - TEXT_GAP)
    return held(int(right) + TEXT_GAP, middle)


def draw_travel(picture: NDArray[np.uint8], view: CameraView, travel: Travel) -> None:
    """Writes distance and speed into the upper left corner, and names the mark on the floor where it can be seen."""
    margin = round(TEXT_MARGIN * _magnified(picture))
    row = 0
    for line in travel.lines:
        (_, high), _ = cv2.getTextSize(line, FONT, TEXT_SCALE * _magnified(picture), 1)
        row += margin + high
        _write(picture, line, (margin, row), LINE_COLOUR)
    pixel, in_front = project(START_LABEL + np.array([travel.start, 0.0, 0.0]), view)
    if in_front:
        (wide, _), _ = cv2.getTextSize(START_WORD, FONT, TEXT_SCALE * _magnified(picture), 1)
        column, row = _whole(pixel)
        if column >= wide + margin and column < picture.shape[1] and high < row < picture.shape[0]:
            _write(picture, START_WORD, (column - wide - margin, row), START_TEXT_COLOUR)


def draw_frame(picture: NDArray[np.uint8], left: int, top: int, width: int, height: int) -> None:
    """Draws a frame round a second view."""
    cv2.rectangle(picture, (left - 1, top - 1), (left + width, top + height), FRAME_COLOUR, 1)


def add_start_mark(scene: mujoco.MjvScene, start: float) -> None:
    """Adds a mark across the floor at `start`, metres along x, to a scene."""
    half_width, half_length = START_SIZE
    size = np.array([half_width, half_length, 2 * LIFT])
    _add(scene, mujoco.mjtGeom.mjGEOM_BOX, size, np.array([start, 0.0, 0.0]), START_COLOUR)


def add_strong_lines(scene: mujoco.MjvScene, around: tuple[float, float]) -> None:
    """Adds every fifth metre line of the floor's grid, as far as it can be seen about a point, to a scene."""
    for axis in (0, 1):
        nearest = round(around[axis] / STRONG_EVERY)
        reach = round(STRONG_REACH / STRONG_EVERY)
        size = np.full(3, LIFT)
        size[axis], size[1 - axis] = STRONG_HALF_WIDTH, STRONG_REACH
        for number in range(nearest - reach, nearest + reach + 1):
            centre = np.zeros(3)
            centre[axis], centre[1 - axis] = number * STRONG_EVERY, around[1 - axis]
            _add(scene, mujoco.mjtGeom.mjGEOM_BOX, size, centre, STRONG_COLOUR)


def add_soft_shadow(scene: mujoco.MjvScene, model: mujoco.MjModel, data: mujoco.MjData) -> None:
    """Adds a dark patch below each thing that moves: nearly free where a real shadow costs more than the picture."""
    roots = model.body_rootid[model.geom_bodyid]
    for root in np.unique(roots[roots > 0]):
        _shadow_of(scene, model, data, roots == root)


def _shadow_of(scene: mujoco.MjvScene, model: mujoco.MjModel, data: mujoco.MjData, moving: NDArray[np.bool_]) -> None:
    """The patch below what some geoms (ngeom,) make up."""
    turn = data.geom_xmat[moving].reshape(-1, 3, 3)
    box = model.geom_aabb[moving]
    centre = data.geom_xpos[moving] + np.einsum("nij,nj->ni", turn, box[:, :3])
    half = np.einsum("nij,nj->ni", np.abs(turn), box[:, 3:])
    low, high = (centre - half).min(axis=0), (centre + half).max(axis=0)
    faded = 1.0 - (1.0 - SHADOW_LEAST) * float(np.clip(low[2] / SHADOW_FADES, 0.0, 1.0))
    middle = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 2 * LIFT])
    outline = (high - low) / 2 + SHADOW_RIM
    for layer in SHADOW_LAYERS:
        size = np.array([layer * outline[0], layer * outline[1], LIFT])
        _add(scene, mujoco.mjtGeom.mjGEOM_ELLIPSOID, size, middle, (0.0, 0.0, 0.0, SHADOW_OPACITY * faded))


def _magnified(picture: NDArray[np.uint8]) -> float:
    """How much larger than usual text is in a picture."""
    return max(1.0, int(picture.shape[0]) / TEXT_HEIGHT)


def _write(picture: NDArray[np.uint8], text: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """Writes text whose lower left corner is at a column and a row, in letters that stand out from anything."""
    size, thickness = TEXT_SCALE * _magnified(picture), max(1, round(_magnified(picture) / 2))
    # not once in thicker letters: those are wider, too
    for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        cv2.putText(picture, text, (at[0] + across, at[1] + down), FONT, size, TEXT_RIM, thickness, cv2.LINE_AA)
    cv2.putText(picture, text, at, FONT, size, colour, thickness, cv2.LINE_AA)


def _add(
    scene: mujoco.MjvScene,
    kind: mujoco.mjtGeom,
    size: Floats,
    centre: Floats,
    colour: tuple[float, float, float, float],
) -> None:
    if scene.ngeom >= scene.maxgeom:
        return
    geom = scene.geoms[scene.ngeom]
    mujoco.mjv_initGeom(geom, kind, size, centre, np.eye(3).ravel(), np.asarray(colour, np.float32))
    geom.category = mujoco.mjtCatBit.mjCAT_DECOR
    geom.specular = 0.0
    scene.ngeom += 1


def _whole(pixel: Floats) -> tuple[int, int]:
    """Rounded, and kept where OpenCV's 16 bit clipping is safe."""
    column, row = np.clip(pixel, -10_000, 10_000)
    return round(float(column)), round(float(row))
