"""Videos and pictures are read back, and compared with what was written."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import sim.video
from sim.render import Image
from sim.video import VideoError, contact_sheet, encode_png, frame_indices, write_gif, write_png, write_video


def moving_square(count: int = 20, height: int = 96, width: int = 128) -> list[Image]:
    """A bright square that moves to the right on a dark gradient: no two pictures are alike."""
    pictures = []
    for number in range(count):
        picture = np.zeros((height, width, 3), np.uint8)
        picture[:] = np.linspace(10, 70, width).astype(np.uint8)[None, :, None]
        picture[20:60, 4 * number : 4 * number + 30] = (230, 120, 30)
        pictures.append(picture)
    return pictures


def read(path: Path) -> tuple[list[Image], av.VideoStream]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)], stream


def difference(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("fps", [30, 60, 62.5])
def test_a_video_comes_back(tmp_path, fps):
    path = tmp_path / "a.mp4"
    frames = moving_square()
    assert write_video(path, iter(frames), fps) == len(frames)
    found, stream = read(path)
    assert len(found) == len(frames)
    assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    assert float(stream.average_rate) == pytest.approx(fps)
    for number, (one, other) in enumerate(zip(found, frames, strict=True)):
        assert difference(one, other) < 6.0
        if number > 2:
            assert difference(one, other) < difference(one, frames[number - 2]), "the order is not kept"
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_the_index_comes_first_so_that_a_video_starts_while_loading(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, moving_square(), 30)
    contents = path.read_bytes()
    assert contents.index(b"moov") < contents.index(b"mdat")


def test_odd_sizes_lose_a_row(tmp_path):
    path = tmp_path / "odd.mp4"
    write_video(path, moving_square(height=97, width=129), 30)
    assert read(path)[0][0].shape == (96, 128, 3)


def test_quality_costs_bytes(tmp_path):
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (96, 128, 3)).astype(np.uint8) for _ in range(5)]
    for crf in (18, 40):
        write_video(tmp_path / f"{crf}.mp4", noise, 30, crf)
    assert (tmp_path / "18.mp4").stat().st_size > 1.5 * (tmp_path / "40.mp4").stat().st_size


def test_a_gif_comes_back(tmp_path):
    path = tmp_path / "a.gif"
    frames = moving_square()
    assert write_gif(path, iter(frames), 25) == len(frames)
    found, _ = read(path)
    assert len(found) == len(frames)
    assert max(difference(one, other) for one, other in zip(found, frames, strict=True)) < 3.0
    assert b"NETSCAPE2.0" in path.read_bytes(), "it plays once only"


@pytest.mark.parametrize("write", [write_video, write_gif])
def test_no_pictures_is_one_sentence(tmp_path, write):
    with pytest.raises(VideoError, match="no pictures") as caught:
        write(tmp_path / "none.mp4", [], 30)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_video, write_gif])
def test_a_folder_that_is_not_there_is_one_sentence(tmp_path, write):
    path = tmp_path / "not" / "there.mp4"
    with pytest.raises(VideoError) as caught:
        write(path, moving_square(2), 30)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_in_the_way_is_one_sentence(tmp_path):
    """A path that cannot be replaced, for whichever reason; being root does not help against this one."""
    (tmp_path / "a.png").mkdir()
    with pytest.raises(VideoError, match="cannot be written"):
        write_png(tmp_path / "a.png", moving_square(1)[0])
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_an_error_while_drawing_leaves_the_old_video(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")

    def frames():
        yield from moving_square(3)
        raise RuntimeError("out of paint")

    with pytest.raises(RuntimeError, match="paint"):
        write_video(path, frames(), 30)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_a_missing_encoder_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(sim.video, "CODEC", "no-such-encoder")
    with pytest.raises(VideoError, match="no-such-encoder"):
        write_video(tmp_path / "a.mp4", moving_square(2), 30)


def test_a_png_comes_back_in_its_colours(tmp_path):
    picture = moving_square(1)[0]
    write_png(tmp_path / "a.png", picture)
    found = cv2.imread(str(tmp_path / "a.png"))
    assert found is not None
    assert np.array_equal(found[..., ::-1], picture)
    assert encode_png(picture) == (tmp_path / "a.png").read_bytes()


def test_a_contact_sheet_has_every_picture_in_reading_order():
    pictures = [np.full((10, 20, 3), 40 * number + 40, np.uint8) for number in range(5)]
    sheet = contact_sheet(pictures, columns=3)
    assert sheet.shape == (2 * 14 - 4, 3 * 24 - 4, 3)
    centres = [sheet[5 + 14 * (number // 3), 10 + 24 * (number % 3), 0] for number in range(6)]
    assert centres == [40, 80, 120, 160, 200, sim.video.SHEET_COLOUR]
    assert contact_sheet(pictures[:2], columns=8).shape == (10, 44, 3)
    with pytest.raises(ValueError, match="contact sheet"):
        contact_sheet([], columns=3)


@pytest.mark.parametrize(("fps", "slow"), [(30.0, 1.0), (60.0, 1.0), (30.0, 4.0)])
def test_videos_run_in_real_time(fps, slow):
    indices = frame_indices(500, 0.016, fps, slow)
    assert len(indices) == round(8.0 * slow * fps)
    shown_at = (np.arange(len(indices)) + 0.5) / fps / slow
    recorded_at = (indices + 0.5) * 0.016
    assert np.abs(shown_at - recorded_at).max() <= 0.0081
    assert (np.diff(indices) >= 0).all()


def test_no_frames_have_no_time():
    with pytest.raises(ValueError, match="0 frames"):
        frame_indices(0, 0.016, 30.0)
    with pytest.raises(ValueError, match="fps"):
        frame_indices(5, 0.016, 0.0)
