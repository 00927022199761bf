"""Off-screen drawing: the right picture for whoever asked, in the right order, and nothing that hangs."""

import subprocess
import sys
import textwrap
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import numpy as np
import pytest

import sim.render_thread
from sim.backends import GLReport, NoRendererError, Quality
from sim.camera import beside, orbit, zoom
from sim.framing import SideView
from sim.gripper import FRONT, SIDE
from sim.registry import get_task
from sim.render import FrameRequest, Image, Priority, create_renderer, drawable_size
from sim.render_jobs import ClipFrames, SingleFrame
from sim.scenes import DIVIDER
from sim.task import CameraPose

FIXED = CameraPose(90.0, -8.0, 4.2, (0.0, 0.0, 0.95), None)


def robot(picture: Image) -> np.ndarray:
    """The pixels that are the robot: warm colours, which the scene has nowhere else."""
    return picture[..., 0].astype(int) > picture[..., 2].astype(int) + 40


def middle(picture: Image) -> tuple[float, float]:
    """Mean column and row of the robot."""
    rows, columns = np.nonzero(robot(picture))
    assert len(rows) > 20, "no robot in the picture"
    return float(columns.mean()), float(rows.mean())


def test_size_and_type(task, state_of, renderer):
    picture = renderer.render(FrameRequest(task, state_of(), task.camera, 333, 201))
    assert picture.shape == (201, 333, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous


def test_right_is_right_and_up_is_up(task, state_of, renderer):
    centre = middle(renderer.render(FrameRequest(task, state_of(), FIXED)))
    right = middle(renderer.render(FrameRequest(task, state_of(x=0.8), FIXED)))
    higher = middle(renderer.render(FrameRequest(task, state_of(z=1.6), FIXED)))
    assert right[0] > centre[0] + 50
    assert abs(right[1] - centre[1]) < 3
    assert higher[1] < centre[1] - 20
    assert abs(higher[0] - centre[0]) < 3


def test_the_blue_front_faces_right(task, state_of, renderer):
    picture = renderer.render(FrameRequest(task, state_of(), FIXED)).astype(int)
    blue = (picture[..., 2] > 150) & (picture[..., 2] > picture[..., 0] + 90)
    head = picture.shape[0] // 2
    assert np.nonzero(blue[:head])[1].mean() > middle(picture.astype(np.uint8))[0] + 4


def test_following_keeps_the_robot_in_the_middle_but_not_its_height(task, state_of, renderer):
    near = middle(renderer.render(FrameRequest(task, state_of(), task.camera)))
    far = middle(renderer.render(FrameRequest(task, state_of(x=37.3), task.camera)))
    high = middle(renderer.render(FrameRequest(task, state_of(x=37.3, z=1.7), task.camera)))
    assert far == pytest.approx(near, abs=1.5)
    assert high[1] < near[1] - 20


def test_zoom_and_orbit_change_the_picture(task, state_of, renderer):
    plain = renderer.render(FrameRequest(task, state_of(), task.camera))
    larger = renderer.render(FrameRequest(task, state_of(), zoom(task.camera, 1.4)))
    turned = renderer.render(FrameRequest(task, state_of(leg=(-1.0, -1.0, 0.0)), orbit(task.camera, 90.0, 0.0)))
    assert robot(larger).sum() > 1.6 * robot(plain).sum()
    assert np.ptp(np.nonzero(robot(turned))[1]) < 40  # from the front a planar robot is narrow


def test_sizes_can_take_turns(task, state_of, renderer):
    """One buffer serves all sizes; what is left in it of another picture must not show."""
    request = FrameRequest(task, state_of(), task.camera, 200, 150)
    first = renderer.render(request)
    renderer.render(FrameRequest(task, state_of(x=3.0), FIXED, 640, 480))
    renderer.render(FrameRequest(task, state_of(), task.camera, 150, 400))
    assert np.array_equal(renderer.render(request), first)


def test_the_second_view_is_another_view_in_the_corner(task, state_of, renderer):
    state = state_of(leg=(-1.2, -1.4, 0.0))
    plain = renderer.render(FrameRequest(task, state, task.camera))
    both = renderer.render(FrameRequest(task, state, task.camera, side_view=True))
    height, width = plain.shape[:2]
    rows, columns = np.nonzero((plain != both).any(axis=2))
    assert rows.max() < 0.35 * height
    assert columns.min() > 0.65 * width
    corner = both[: round(0.32 * height), round(0.68 * width) :]
    assert robot(corner).sum() > 10
    assert np.ptp(np.nonzero(robot(corner))[1]) < 0.5 * np.ptp(np.nonzero(robot(plain))[1]) * 0.3 + 8


def test_the_second_view_may_be_as_large_as_the_first(task, state_of, renderer):
    state = state_of()
    size = (300, 200)
    both = renderer.render(FrameRequest(task, state, task.camera, *size, side_view=SideView.BESIDE, shadows=False))
    first = SideView.BESIDE.main_size(*size)
    assert first == (150, 200)
    left = renderer.render(FrameRequest(task, state, task.camera, *first, shadows=False))
    right = renderer.render(FrameRequest(task, state, beside(task.camera), *first, shadows=False))
    pairs = ((both[:, : first[0]], left), (both[:, first[0] + DIVIDER :], right[:, DIVIDER:]))
    assert all(np.abs(drawn.astype(int) - wanted).mean() < 1.0 for drawn, wanted in pairs)
    assert beside(FRONT) == SIDE, "the tour shows the same side in its clips and in its reveal"


def test_cues_change_only_what_they_should(task, state_of, renderer):
    plain = renderer.render(FrameRequest(task, state_of(), task.camera))
    trail = np.stack([state_of(x=-0.1 * step, z=1.3 + 0.02 * step) for step in range(10, 0, -1)])
    trailed = renderer.render(FrameRequest(task, state_of(), task.camera, trail=trail))
    measured = renderer.render(FrameRequest(task, state_of(), task.camera, height_line=True))
    for other in (trailed, measured):
        share = (plain != other).any(axis=2).mean()
        assert 0.0005 < share < 0.05
    columns = np.nonzero((plain != trailed).any(axis=2))[1]
    assert columns.mean() < plain.shape[1] / 2 - 20  # where it came from: the left


def test_real_and_painted_shadows_both_darken_the_floor(task, state_of, renderer):
    state = state_of(z=1.7)
    for shadows in (False, True):
        picture = renderer.render(FrameRequest(task, state, task.camera, shadows=shadows)).astype(int)
        floor = picture[230:300]
        assert (floor.max(axis=2) < 55).sum() > 100, shadows


def test_two_threads_get_their_own_pictures(task, state_of, renderer):
    left = FrameRequest(task, state_of(x=-0.7), FIXED, 240, 180)
    right = FrameRequest(task, state_of(x=0.7), FIXED, 320, 240)
    expected = {id(left): renderer.render(left), id(right): renderer.render(right)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda request: (id(request), renderer.render(request)), [left, right] * 20))
    assert all(np.array_equal(picture, expected[key]) for key, picture in found)


def test_a_clip_is_drawn_in_order(task, clip, renderer):
    frames = renderer.render_clip(task, clip, FIXED, (240, 180), every=5)
    assert frames.indices == (0, 5, 10)
    pictures = list(frames)
    assert len(pictures) == len(frames) == frames.ready == 3
    assert frames.done
    assert not frames.cancelled
    alone = [renderer.render(FrameRequest(task, clip.states[index], FIXED, 240, 180)) for index in frames.indices]
    assert all(np.array_equal(a, b) for a, b in zip(pictures, alone, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(frames.wait(1.0), alone, strict=True))
    assert np.array_equal(frames.frame(2), alone[2])


def test_requests_that_cannot_be_drawn_are_refused_at_once(task, clip, state_of, renderer):
    with pytest.raises(ValueError, match="pixels"):
        FrameRequest(task, state_of(), task.camera, 5, 100)
    with pytest.raises(ValueError, match="state"):
        FrameRequest(task, state_of()[:-1], task.camera)
    with pytest.raises(ValueError, match="trail"):
        FrameRequest(task, state_of(), task.camera, trail=np.zeros((3, 2)))
    with pytest.raises(ValueError, match="every"):
        renderer.render_clip(task, clip, FIXED, (240, 180), every=0)


class Held:
    """Occupies the renderer's thread until it is let go, so that a queue forms behind it."""

    priority = Priority.PAIR
    wanted = True

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def advance(self, draw: object) -> bool:
        self.begun.set()
        return self.go.wait(10.0)

    def fail(self, error: BaseException) -> None: ...
    def drop(self) -> None: ...


@pytest.fixture
def held(renderer):
    job = Held()
    renderer._drawer.add(job)
    assert job.begun.wait(10.0)
    yield job
    job.go.set()


def finished(future: Future, name: str, order: list[str]) -> Future:
    future.add_done_callback(lambda _: order.append(name))
    return future


def test_the_most_urgent_is_drawn_first(task, state_of, renderer, held):
    order: list[str] = []
    request = FrameRequest(task, state_of(), FIXED, 64, 48)
    waiting = [
        finished(renderer.submit(request, priority), name, order)
        for name, priority in (
            ("next", Priority.NEXT_PAIR),
            ("live", Priority.LIVE),
            ("pair", Priority.PAIR),
            ("live2", Priority.LIVE),
        )
    ]
    held.go.set()
    for future in waiting:
        future.result(10.0)
    assert order == ["pair", "live", "live2", "next"]


def test_a_live_picture_overtakes_a_clip_and_promotion_overtakes_both(task, clip, state_of, renderer, held):
    order: list[str] = []
    first = renderer.render_clip(task, clip, FIXED, (64, 48), priority=Priority.NEXT_PAIR)
    second = renderer.render_clip(task, clip, FIXED, (64, 48), priority=Priority.IDLE)
    live = finished(renderer.submit(FrameRequest(task, state_of(), FIXED, 64, 48)), "live", order)
    live.add_done_callback(lambda _: order.append(f"{first.ready} {second.ready}"))
    second.promote(Priority.PAIR)
    held.go.set()
    first.wait(10.0)
    assert order == ["live", f"0 {len(clip)}"]


def test_clips_of_one_pair_take_turns(task, clip, renderer, held):
    left = renderer.render_clip(task, clip, FIXED, (64, 48))
    right = renderer.render_clip(task, clip, FIXED, (64, 48))
    held.go.set()
    for number, _ in enumerate(right, 1):
        assert left.ready >= number


def test_sparing_holds_back_only_what_is_drawn_in_advance(task, clip, state_of, renderer, monkeypatch):
    monkeypatch.setattr(sim.render_thread, "SPARING_SHARE", 1e-6)
    renderer.set_sparing(True)
    ahead = renderer.render_clip(task, clip, FIXED, (64, 48), priority=Priority.NEXT_PAIR)
    idle = renderer.submit(FrameRequest(task, state_of(), FIXED, 64, 48), Priority.IDLE)
    while ahead.ready == 0:
        pass
    assert len(renderer.render_clip(task, clip, FIXED, (64, 48)).wait(10.0)) == len(clip), "the pair on screen"
    renderer.render(FrameRequest(task, state_of(), FIXED, 64, 48), Priority.LIVE)
    assert ahead.ready == 1 and not idle.done(), "one picture, and then it rests"
    ahead.promote(Priority.PAIR)
    assert len(ahead.wait(10.0)) == len(clip), "the pair comes on screen, and rests no more"
    assert not idle.done()
    renderer.set_sparing(False)
    idle.result(10.0)


def test_cancelled_requests_are_not_drawn(task, clip, state_of, renderer, held):
    future = renderer.submit(FrameRequest(task, state_of(), FIXED, 64, 48))
    frames = renderer.render_clip(task, clip, FIXED, (64, 48))
    assert future.cancel()
    frames.cancel()
    held.go.set()
    renderer.render(FrameRequest(task, state_of(), FIXED, 64, 48), Priority.IDLE)
    assert frames.ready == 0
    assert frames.cancelled
    assert frames.done
    with pytest.raises(CancelledError):
        frames.wait(1.0)
    with pytest.raises(CancelledError):
        list(frames)


def test_cancelling_what_is_finished_changes_nothing(task, clip, renderer):
    frames = renderer.render_clip(task, clip, FIXED, (64, 48), every=4)
    pictures = frames.wait(10.0)
    frames.cancel()
    assert not frames.cancelled
    assert len(frames.wait(0.0)) == len(pictures)


def test_waiting_has_a_limit(task, clip, renderer, held):
    with pytest.raises(TimeoutError):
        renderer.render_clip(task, clip, FIXED, (64, 48)).wait(0.01)


def test_an_error_while_drawing_reaches_whoever_asked():
    def broken(request: FrameRequest) -> Image:
        raise RuntimeError("out of paint")

    request: FrameRequest = None  # type: ignore[assignment]  # never looked at
    single = SingleFrame(request, Priority.LIVE)
    assert single.advance(broken)
    with pytest.raises(RuntimeError, match="paint"):
        single.future.result(0.0)


def test_an_error_in_a_clip_ends_it(task, clip):
    def broken(request: FrameRequest) -> Image:
        raise RuntimeError("out of paint")

    frames = ClipFrames(clip, FrameRequest(task, clip.states[0], FIXED), 1, Priority.PAIR, 0, lambda: None)
    assert frames.advance(broken)
    assert frames.done
    with pytest.raises(RuntimeError, match="paint"):
        list(frames)


def test_closing_cancels_what_waits_and_ends_the_thread(task, clip, state_of, renderer):
    mine = create_renderer(Quality())
    picture = mine.render(FrameRequest(task, state_of(), FIXED, 64, 48))
    assert np.array_equal(picture, renderer.render(FrameRequest(task, state_of(), FIXED, 64, 48)))
    frames = mine.render_clip(task, clip, FIXED, (640, 480))
    mine.close()
    mine.close()
    assert frames.done
    with pytest.raises(RuntimeError, match="closed"):
        mine.submit(FrameRequest(task, state_of(), FIXED))


def test_without_opengl_everyone_gets_one_sentence(task, clip, state_of, monkeypatch):
    def nothing() -> GLReport:
        raise NoRendererError("No way to draw.")

    monkeypatch.setattr(sim.render_thread, "probe", nothing)
    with create_renderer() as mine:
        with pytest.raises(NoRendererError, match="No way"):
            mine.ready.result(10.0)
        with pytest.raises(NoRendererError, match="No way"):
            mine.render(FrameRequest(task, state_of(), FIXED))
        with pytest.raises(NoRendererError, match="No way"):
            mine.render_clip(task, clip, FIXED, (64, 48)).wait(1.0)


def test_a_forgotten_renderer_does_not_keep_the_interpreter(renderer):
    program = """
        from sim.registry import get_task
        from sim.render import FrameRequest, create_renderer
        import numpy as np
        task = get_task("hopper-backflip")
        renderer = create_renderer()
        state = np.zeros(task.state_size)
        for _ in range(200):
            renderer.submit(FrameRequest(task, state, task.camera, 640, 480))
        renderer.ready.result()
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_robots_of_two_models_do_not_mix(task, state_of, renderer):
    """Each model has its own framebuffer in the one context."""
    walker = get_task("walker-walk")
    state = np.zeros(walker.state_size)
    state[1 : 1 + walker.model.nq] = walker.start_distribution.qpos_centre
    requests = [FrameRequest(task, state_of(), FIXED, 200, 150), FrameRequest(walker, state, FIXED, 160, 200)]
    alone = []
    for request in requests:
        with create_renderer() as fresh:
            alone.append(fresh.render(request))
    for request, picture in [*zip(requests, alone, strict=True)] * 3:
        np.testing.assert_array_equal(renderer.render(request), picture)


@pytest.mark.parametrize(
    ("wanted", "drawn"),
    [
        ((480, 360), (480, 360)),
        ((4096, 16), (4096, 16)),
        ((5120, 1440), (4096, 1152)),
        ((5120 * 4, 1440 * 4), (4096, 1152)),
        ((1440.0, 5120.4), (1152, 4096)),
        ((0, 5), (16, 16)),
        ((10**6, 10), (4096, 16)),
    ],
)
def test_what_is_too_large_is_drawn_smaller_in_the_same_ratio(wanted, drawn):
    assert drawable_size(*wanted) == drawn


def test_the_largest_picture_is_no_black_one(task, state_of, renderer):
    picture = renderer.render(FrameRequest(task, state_of(), task.camera, *drawable_size(5120, 1440)))
    assert picture.shape == (1152, 4096, 3)
    assert picture[:, -64:].std() > 5 and picture[:, :64].std() > 5
