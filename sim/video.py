"""Pictures into files: H.264 in MP4, GIF, PNG, and contact sheets."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
import av.error
import cv2
import numpy as np
from av.container import OutputContainer
from av.filter import Graph
from numpy.typing import NDArray

from sim.beside import new_part, part_path
from sim.errors import UserError
from sim.scenes import Image

CODEC = "libx264"
GIF_CODEC = "gif"
CRF = 20
"""x264's constant rate factor: 18 is hard to tell from the original, 28 is visibly coarse."""
SHEET_GAP = 4
"""Pixels between the pictures of a contact sheet."""
SHEET_COLOUR = 24
"""Grey level of that gap."""
RATE_LIMIT = 1000
"""Frame rates are kept as fractions with denominators up to this."""


class VideoError(UserError):
    """A video or picture cannot be written."""


def frame_indices(length: int, control_dt: float, fps: float, slow: float = 1.0) -> NDArray[np.int64]:
    """Which recorded frames a video shows, so that it runs in real time.

    Args:
        length: recorded frames, `control_dt` seconds apart.
        control_dt: seconds of simulation from frame to frame.
        fps: of the video.
        slow: 2.0 plays at half speed.

    Returns:
        (n,) indices below `length`, the nearest in time to each of the video's frames.
    """
    if length < 1 or not (control_dt > 0 and fps > 0 and slow > 0):
        raise ValueError(f"no video of {length} frames, {control_dt} s apart, at {fps} fps, slowed {slow} times")
    count = max(1, round(length * control_dt * slow * fps))
    nearest = np.floor((np.arange(count) + 0.5) / (fps * slow * control_dt))
    return np.asarray(np.minimum(nearest, length - 1), np.int64)


def write_video(path: Path, frames: Iterable[Image], fps: float, crf: int = CRF) -> int:
    """Writes H.264 in MP4 that browsers and phones play, beside `path` and then in its place.

    Args:
        path: the file, replaced if there is one.
        frames: pictures (h, w, 3) of one size; an odd last row or column is left out, as the format needs even sizes.
        fps: pictures a second.
        crf: quality, lower is better.

    Returns:
        The number of pictures written.

    Raises:
        VideoError: the encoder is missing, there are no pictures, or the file cannot be written.
    """
    _require(CODEC)
    first, pictures = _peek(frames, path)
    count = 0
    with _beside(path) as part, av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        height, width = first.shape[0] // 2 * 2, first.shape[1] // 2 * 2
        stream = _stream(container, CODEC, _rate(fps), width, height, "yuv420p")
        stream.options = {"crf": str(crf), "preset": "medium"}
        for picture in pictures:
            even = np.ascontiguousarray(picture[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
            count += 1
        container.mux(stream.encode())
    return count


def write_gif(path: Path, frames: Iterable[Image], fps: float) -> int:
    """Writes an endless GIF with a palette of its own, beside `path` and then in its place.

    Returns:
        The number of pictures written.

    Raises:
        VideoError: as `write_video`.
    """
    _require(GIF_CODEC)
    first, pictures = _peek(frames, path)
    rate = _rate(fps)
    height, width = first.shape[:2]
    count = 0
    with _beside(path) as part, av.open(str(part), "w", format="gif", options={"loop": "0"}) as container:
        stream = _stream(container, GIF_CODEC, rate, width, height, "pal8")
        graph = _palette_graph(width, height, 1 / rate)
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = count, 1 / rate
            graph.vpush(frame)
            count += 1
        graph.vpush(None)
        while True:
            try:
                container.mux(stream.encode(graph.vpull()))
            except (av.error.EOFError, av.error.BlockingIOError):
                break
        container.mux(stream.encode())
    return count


def contact_sheet(frames: Sequence[Image], columns: int) -> Image:
    """One picture of all `frames`, which have one size, in rows of `columns`."""
    if not frames or columns < 1:
        raise ValueError(f"no contact sheet of {len(frames)} pictures in {columns} columns")
    height, width = frames[0].shape[:2]
    rows = -(-len(frames) // columns)
    columns = min(columns, len(frames))
    size = (rows * (height + SHEET_GAP) - SHEET_GAP, columns * (width + SHEET_GAP) - SHEET_GAP, 3)
    sheet = np.full(size, SHEET_COLOUR, np.uint8)
    for number, frame in enumerate(frames):
        row, column = divmod(number, columns)
        top, left = row * (height + SHEET_GAP), column * (width + SHEET_GAP)
        sheet[top : top + height, left : left + width] = frame
    return sheet


def encode_png(picture: Image) -> bytes:
    """The picture (h, w, 3), RGB, as a PNG file's contents."""
    done, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise VideoError("This OpenCV cannot write PNG: install opencv-python-headless again.")
    return encoded.tobytes()


def write_png(path: Path, picture: Image) -> None:
    """Writes a picture, beside `path` and then in its place.

    Raises:
        VideoError: the file cannot be written.
    """
    contents = encode_png(picture)
    with _beside(path) as part:
        part.write_bytes(contents)


def _require(codec: str) -> None:
    try:
        av.Codec(codec, "w")
    except ValueError as error:
        raise VideoError(f"This PyAV has no encoder '{codec}': install the package av from PyPI.") from error


def _peek(frames: Iterable[Image], path: Path) -> tuple[Image, Iterator[Image]]:
    """The first picture, and an iterator over all of them."""
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise VideoError(f"There are no pictures to write to '{path}'.")
    return first, chain([first], iterator)


def _rate(fps: float) -> Fraction:
    return Fraction(fps).limit_denominator(RATE_LIMIT)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file to write beside `path`; it takes the place of `path` when all went well, else it is removed."""
    part = part_path(path)
    try:
        yield new_part(path)
        os.replace(part, path)
    except OSError as error:
        raise VideoError(f"'{path}' cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):  # gone already when it took the other's place
            part.unlink()


def _stream(
    container: OutputContainer, codec: str, rate: Fraction, width: int, height: int, pixels: str
) -> av.VideoStream:
    stream = cast(av.VideoStream, container.add_stream(codec, rate=rate))
    stream.width, stream.height, stream.pix_fmt = width, height, pixels
    stream.time_base = 1 / rate
    return stream


def _palette_graph(width: int, height: int, time_base: Fraction) -> Graph:
    """A filter that finds the best 256 colours of all pictures, and then draws them with these."""
    graph = Graph()
    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat("rgb24"), time_base=time_base)
    split, find, use = graph.add("split"), graph.add("palettegen"), graph.add("paletteuse", "dither=none")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(find, 0, 0)
    split.link_to(use, 1, 0)
    find.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
