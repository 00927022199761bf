#!/usr/bin/env python3
"""Plays the policy in this folder: in MuJoCo's viewer, as pictures, or as recorded states.

    python run.py                                             the viewer, until it is closed
    python run.py --frames pictures --seconds 4               PNG files; needs no display
    python run.py --states states.npz --episodes 8 --seed 1   time (E, T), qpos (E, T, nq), qvel (E, T, nv)

Frame t of an episode is the state after action t was held for one control step. An episode goes on after a fall. The
same seed gives the same states. Needs Python 3.9 or later with numpy, mujoco and onnxruntime, and nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import math
import os
import stat
import struct
import subprocess
import sys
import threading
import time
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

INSTALL = "pip install numpy mujoco onnxruntime"
try:
    import numpy as np
    import onnxruntime
except ImportError as missing:
    print(f"run.py: {missing}: {INSTALL}", file=sys.stderr)
    raise SystemExit(2) from missing

if TYPE_CHECKING:
    from collections.abc import Callable

    import mujoco  # at run time it is imported late: it settles on a way to draw then, and one must be chosen first

FOLDER = Path(__file__).resolve().parent
KIND, FORMAT = "backflip bundle", 1
FIELDS = {"substeps": int, "episode_steps": int, "observation": list, "start": dict, "camera": dict,
          "card": dict, "files": dict}  # fmt: skip
MATHS = {"qpos": None, "cos_qpos": np.cos, "sin_qpos": np.sin, "qvel": None, "sensordata": None}
"""Sources of an observation, and what is done to their numbers."""
MOST_BYTES = 256 * 1024 * 1024
"""Of a file of this folder."""
MOST_FRAMES = 10_000_000
"""Of all episodes together: more would not fit into the memory."""
WIDTH, HEIGHT = 640, 480
PICTURES_PER_SECOND = 30
LINUX_BACKENDS = ("egl", "osmesa")
SWITCHED_OFF = ("disable", "disabled", "off", "false", "0")
TRIAL_SECONDS = 60
CLOSE_SECONDS = 10
TRIAL = """
import mujoco
model = mujoco.MjModel.from_xml_string("<mujoco/>")
with mujoco.Renderer(model, 16, 16) as renderer:
    renderer.update_scene(mujoco.MjData(model))
    renderer.render()
"""


class RefusedError(Exception):
    """Something that the user can mend, in one line."""


class Bundle:
    """The robot and its policy, as this folder has them."""

    def __init__(self) -> None:
        """Reads and checks the folder."""
        self.config = read_config()
        try:
            import mujoco
        except ImportError as error:
            raise RefusedError(f"{error}: {INSTALL}") from error
        mujoco.set_mju_user_warning(lambda _: None)  # else it leaves a file where this was started; `record` checks
        taught_with = self.config["card"].get("versions", {}).get("mujoco")
        if taught_with != mujoco.__version__:
            note = (
                f"taught with MuJoCo {taught_with}, played with {mujoco.__version__}: it may move a little differently"
            )
            print(f"run.py: {note}", file=sys.stderr)
        try:
            self.model = mujoco.MjModel.from_xml_string(checked_content("model.xml", self.config).decode())
        except ValueError as error:
            raise RefusedError(f"'{FOLDER / 'model.xml'}' is no model: {error}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        content = checked_content("policy.onnx", self.config)
        self.policy = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.terms = [self._checked_term(place, term) for place, term in enumerate(self.config["observation"])]
        wanted = self.policy.get_inputs()[0].shape[1]
        if len(self.terms) != wanted:
            refuse_field("observation", f"{len(self.terms)} numbers", f"{wanted} as policy.onnx takes")
        self.substeps = self.config["substeps"]
        self.control_dt = self.model.opt.timestep * self.substeps

    def starts(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """`n` starts: qpos (n, nq), qvel (n, nv). All positions are drawn before the velocities."""
        drawn = []
        for name, size in (("qpos", self.model.nq), ("qvel", self.model.nv)):
            fields = [f"{name}_centre", f"{name}_noise"]
            try:
                centre, half = (np.asarray(self.config["start"][field], float).reshape(size) for field in fields)
            except (KeyError, TypeError, ValueError):
                refuse_field("start", self.config["start"], f"{fields[0]} and {fields[1]} of {size} numbers each")
            drawn.append(centre + rng.uniform(-half, half, (n, size)))
        return drawn[0], drawn[1]

    def robot(self, qpos: np.ndarray, qvel: np.ndarray) -> mujoco.MjData:
        """A robot at a start (nq,), (nv,)."""
        import mujoco

        data = mujoco.MjData(self.model)
        data.qpos[:], data.qvel[:] = qpos, qvel
        mujoco.mj_step1(self.model, data)
        return data

    def step(self, robots: list[mujoco.MjData]) -> None:
        """One control step of each robot."""
        import mujoco

        actions = self.policy.run(["action"], {"observation": self.observe(robots)})[0]
        for row, data in enumerate(robots):
            data.ctrl[:] = actions[row]
            for _ in range(self.substeps):
                mujoco.mj_step(self.model, data)
            # a step leaves sensors and places of bodies one physics step behind the state: this catches up
            mujoco.mj_step1(self.model, data)

    def observe(self, robots: list[mujoco.MjData]) -> np.ndarray:
        """(nrobot, nobs) of the present states: computed in double precision, then rounded."""
        readings = {name: np.stack([getattr(data, name) for data in robots]) for name in ("qpos", "qvel", "sensordata")}
        observations = np.empty((len(robots), len(self.terms)), np.float32)
        for place, (reading, index, maths, clip) in enumerate(self.terms):
            values = readings[reading][:, index]
            values = values if maths is None else maths(values)
            observations[:, place] = values if clip is None else np.clip(values, *clip)
        return observations

    def _checked_term(self, place: int, term: dict[str, Any]) -> tuple[str, int, Any, Any]:
        """What is read, which column of it, what is done to it, and its limits."""
        sizes = {"qpos": self.model.nq, "qvel": self.model.nv, "sensordata": self.model.nsensordata}
        try:
            reading = term["source"].rpartition("_")[2]
            maths, index, clip = MATHS[term["source"]], term["index"], term["clip"]
            if not 0 <= index < sizes[reading] or (clip is not None and not clip[0] < clip[1]):
                raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            refuse_field(f"observation.{place}", term, "a source of the model, an index in it, and limits or null")
        return reading, index, maths, clip


def read_config() -> dict[str, Any]:
    """config.json, with its outer fields checked."""
    try:
        raw = json.loads(content_of("config.json"))
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"'{FOLDER / 'config.json'}' is no JSON, perhaps cut short: {error}") from error
    config: dict[str, Any] = raw if isinstance(raw, dict) else {}
    found = config.get("kind"), config.get("format")
    if found != (KIND, FORMAT):
        raise RefusedError(f"'{FOLDER}' is no bundle of format {FORMAT}: kind is {found[0]!r}, format is {found[1]!r}")
    for name, kind in FIELDS.items():
        value = config.get(name)
        if not isinstance(value, kind) or (isinstance(value, int) and value < 1):
            refuse_field(name, value, f"a positive {kind.__name__}" if kind is int else f"a {kind.__name__}")
    return config


def refuse_field(name: str, found: object, wanted: str) -> NoReturn:
    """Says which field of config.json is wrong."""
    raise RefusedError(f"'{FOLDER / 'config.json'}': {name} is {repr(found)[:80]}, wanted {wanted}")


def checked_content(name: str, config: dict[str, Any]) -> bytes:
    """The contents of a file of this folder, as its checksum says it was written."""
    content = content_of(name)
    found, wanted = hashlib.sha256(content).hexdigest(), str(config["files"].get(name))
    if found != wanted:
        raise RefusedError(f"'{FOLDER / name}' was altered: its SHA-256 is {found[:12]}..., wanted {wanted[:12]}...")
    return content


def content_of(name: str) -> bytes:
    """The contents of a file of this folder: a regular file, no link, pipe or device."""
    path = FOLDER / name
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise RefusedError(f"'{path}' is no regular file")
        if path.stat().st_size > MOST_BYTES:
            raise RefusedError(f"'{path}' is too large: wanted {MOST_BYTES} bytes or fewer")
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"'{path}' cannot be read: {error.strerror}") from error


def record(bundle: Bundle, episodes: int, steps: int, seed: int) -> dict[str, np.ndarray]:
    """Whole episodes as time (E, T) seconds, qpos (E, T, nq), qvel (E, T, nv); and their starts, qpos (E, nq)."""
    model = bundle.model
    qpos, qvel = bundle.starts(np.random.default_rng(seed), episodes)
    robots = [bundle.robot(qpos[episode], qvel[episode]) for episode in range(episodes)]
    shape = (episodes, steps)
    rows = {"time": np.empty(shape), "qpos": np.empty((*shape, model.nq)), "qvel": np.empty((*shape, model.nv))}
    for step in range(steps):
        bundle.step(robots)
        for episode, data in enumerate(robots):
            if not (np.isfinite(data.qpos).all() and np.isfinite(data.qvel).all()):
                raise RefusedError(f"episode {episode} left physics after {data.time:.2f} s: try another --seed")
            for name, values in rows.items():
                values[episode, step] = getattr(data, name)
    return {**rows, "start": qpos}


def write_states(path: Path, rows: dict[str, np.ndarray]) -> None:
    """Writes an NPZ file beside `path`, and then in its place."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)  # of a link the link itself, whose target is not ours to write
        with part.open("xb") as file:
            np.savez(file, time=rows["time"], qpos=rows["qpos"], qvel=rows["qvel"])
        os.replace(part, path)
    except OSError as error:
        raise RefusedError(f"'{path}' cannot be written: {error.strerror}") from error
    finally:
        if part.exists():
            part.unlink()


def write_frames(folder: Path, bundle: Bundle, rows: dict[str, np.ndarray]) -> int:
    """Draws recorded episodes as PNG files, the start first; returns how many."""
    import mujoco

    count = 0
    every = max(1, round(1.0 / (PICTURES_PER_SECOND * bundle.control_dt)))
    data, lens = mujoco.MjData(bundle.model), camera(bundle.config["camera"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with mujoco.Renderer(bundle.model, HEIGHT, WIDTH) as renderer:
            for episode, start in enumerate(rows["start"]):
                for number, qpos in enumerate([start, *rows["qpos"][episode, every - 1 :: every]]):
                    data.qpos[:] = qpos
                    mujoco.mj_forward(bundle.model, data)
                    lens.lookat[:] = looked_at(bundle, data)
                    renderer.update_scene(data, lens)
                    picture = encode_png(renderer.render())
                    (folder / f"episode-{episode:03d}-frame-{number:05d}.png").write_bytes(picture)
                    count += 1
    except OSError as error:
        raise RefusedError(f"'{folder}' cannot be written: {error.strerror}") from error
    except (RuntimeError, ValueError, mujoco.FatalError) as error:
        raise RefusedError(f"no picture can be drawn: {error}") from error
    return count


def encode_png(picture: np.ndarray) -> bytes:
    """(h, w, 3) uint8 as the contents of a PNG file."""
    height, width = picture.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, -1)], axis=1)  # 0: rows as they are

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    compressed = zlib.compress(rows.tobytes())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compressed) + chunk(b"IEND", b"")


def camera(pose: dict[str, Any]) -> mujoco.MjvCamera:
    """The bundle's camera."""
    import mujoco

    lens = mujoco.MjvCamera()
    try:
        lens.azimuth, lens.elevation, lens.distance = pose["azimuth"], pose["elevation"], pose["distance"]
        lens.lookat[:] = pose["lookat"]
    except (KeyError, TypeError, ValueError):
        refuse_field("camera", pose, "azimuth, elevation, distance and lookat (3 numbers)")
    return lens


def looked_at(bundle: Bundle, data: mujoco.MjData) -> np.ndarray:
    """(3,) the point that the camera looks at: it goes along with the followed body, but not up and down."""
    import mujoco

    point, follow = np.array(bundle.config["camera"]["lookat"], float), bundle.config["camera"].get("follow")
    body = mujoco.mj_name2id(bundle.model, mujoco.mjtObj.mjOBJ_BODY, follow) if isinstance(follow, str) else -1
    if body >= 0:
        point[:2] += data.xpos[body, :2]
    return point


def choose_backend() -> None:
    """Finds a way to draw without a display, each tried in a process of its own, since a broken driver may end it."""
    asked = os.environ.get("MUJOCO_GL", "").strip().lower()
    if asked in SWITCHED_OFF:
        raise RefusedError(f"pictures are switched off by MUJOCO_GL={asked}: unset it")
    if sys.platform != "linux":
        return
    for backend in (asked,) if asked else LINUX_BACKENDS:
        changes = {"MUJOCO_GL": backend}
        if backend in LINUX_BACKENDS:
            changes["PYOPENGL_PLATFORM"] = backend
        command = [sys.executable, "-c", TRIAL]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **changes},
                cwd=FOLDER,
                capture_output=True,
                timeout=TRIAL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            continue
        if done.returncode == 0:
            os.environ.update(changes)
            return
    tried = f"MUJOCO_GL={asked} does not work" if asked else "neither EGL nor OSMesa works"
    raise RefusedError(f"no picture can be drawn: {tried} (on Debian and Ubuntu: apt install libegl1 libosmesa6)")


def watch(bundle: Bundle, episodes: int | None, steps: int, seed: int) -> None:
    """Plays in MuJoCo's viewer in real time, until it is closed or all episodes were played."""
    import glfw  # it comes with mujoco
    import mujoco.viewer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it would say is said below
        if not glfw.init():
            raise RefusedError("no window can be opened here: use --frames DIR or --states FILE")
    rng = np.random.default_rng(seed)
    data = bundle.robot(*(values[0] for values in bundle.starts(rng, 1)))
    pose = camera(bundle.config["camera"])
    ours = threading.enumerate()
    try:
        window = mujoco.viewer.launch_passive(bundle.model, data)
    except RuntimeError as error:  # on macOS it must be started by mjpython
        raise RefusedError(str(error)) from error
    with window as viewer:
        lens, followed = viewer.cam, looked_at(bundle, data)
        lens.azimuth, lens.elevation, lens.distance, lens.lookat[:] = (
            pose.azimuth, pose.elevation, pose.distance, followed
        )  # fmt: skip
        due = time.monotonic()
        for frame in itertools.count() if episodes is None else range(episodes * steps):
            if not viewer.is_running():
                break
            with viewer.lock():
                if frame and frame % steps == 0:
                    fresh = bundle.robot(*(values[0] for values in bundle.starts(rng, 1)))
                    mujoco.mj_copyData(data, bundle.model, fresh)
                bundle.step([data])
                before, followed = followed, looked_at(bundle, data)
                lens.lookat[:] += followed - before  # by steps, so that a view that was dragged away stays there
            viewer.sync()
            now = time.monotonic()
            due = max(due + bundle.control_dt, now)
            time.sleep(due - now)
    for thread in set(threading.enumerate()) - set(ours):
        thread.join(CLOSE_SECONDS)  # to end while the window still closes would hang


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Raises a RefusedError."""
        raise RefusedError(message)


def whole_number(least: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` on."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"is {text}, wanted a whole number, {least} or more")
        return number

    return parse


def duration(text: str) -> float:
    """A parser of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"is {text}, wanted seconds, more than 0")
    return seconds


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=Path, metavar="DIR", help="write PNG pictures into this folder")
    parser.add_argument("--states", type=Path, metavar="FILE", help="write recorded states to this NPZ file")
    parser.add_argument("--episodes", type=whole_number(1), metavar="N", help="how many (1; in the viewer, no end)")
    parser.add_argument("--seed", type=whole_number(0), default=0, metavar="S", help="of the starts (0)")
    parser.add_argument("--seconds", type=duration, help="length of an episode (the task's)")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 2 for something that the user can mend."""
    try:
        asked = parse(arguments)
        if asked.frames:
            choose_backend()
        else:
            os.environ.pop("MUJOCO_GL", None)  # nothing is drawn off screen, and a choice that fails would end MuJoCo
        bundle = Bundle()
        steps = bundle.config["episode_steps"]
        if asked.seconds is not None:
            steps = max(1, round(asked.seconds / bundle.control_dt))
        if not asked.frames and not asked.states:
            watch(bundle, asked.episodes, steps, asked.seed)
            return 0
        episodes = asked.episodes or 1
        if episodes * steps > MOST_FRAMES:
            raise RefusedError(
                f"{episodes} episodes of {steps} frames are too many: wanted {MOST_FRAMES} frames or fewer"
            )
        rows = record(bundle, episodes, steps, asked.seed)
        if asked.states:
            write_states(asked.states, rows)
            print(f"'{asked.states}': {episodes} x {steps} states")
        if asked.frames:
            print(f"'{asked.frames}': {write_frames(asked.frames, bundle, rows)} pictures")
    except RefusedError as refusal:
        print(f"run.py: {' '.join(str(refusal).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
