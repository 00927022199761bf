"""Bundles: an exported policy as a folder that runs without us, written whole or not at all."""

import contextlib
import errno
import glob
import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from app.bundle_config import BundleConfig, BundleError, is_bundle, read_config
from app.bundle_files import CARD, CONFIG, HOLDS, MODEL, ONNX, PREVIEW, REWARD, RUN, WEIGHTS
from app.bundle_onnx import OnnxPolicy, build_onnx
from app.bundle_preview import film, record
from app.bundle_weights import FLOAT, MEAN, as_policy, as_tensors, checked_reward
from app.crash_points import crash_point
from app.errors import StorageError
from app.files import sync
from app.folder_gate import pass_gate
from app.model_card import ModelCard, card_text
from sim.errors import UserError, one_line
from sim.foreign_model import ForeignModelError, examine_model
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.task import Singles, Task
from sim.untrusted import MIB, UntrustedError, parse_tensors, read_file
from sim.video import VideoError

__all__ = ["Bundle", "BundleError", "ExportCancelledError", "ModelCard", "load_bundle", "write_bundle"]

FILE_LIMIT = 256 * MIB
"""Bytes of any file of a bundle; a policy has some kilobytes."""
FILMED = 0.1
"""Share of the work that is done when the preview begins; it takes nearly all of it."""
OLD = ".old"
"""The end of the hidden name of an older bundle while a new one takes its place."""
NAME_BYTES = 4
"""The length of the random part of a hidden name, in bytes."""
HEX = "[0-9a-f]"
log = logging.getLogger(__name__)


class ExportCancelledError(UserError):
    """Whoever asked for the bundle does not want it any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A bundle that was read and checked."""

    folder: Path
    task: Task
    policy: PolicyWeights
    """The weights, as policy.safetensors has them."""
    card: ModelCard
    config: dict[str, Any]
    """config.json as it is."""
    onnx: OnnxPolicy
    reward: Singles | None
    """(nfeature,) weights of the learned reward; None if they were not exported."""

    def act(self, observations: Singles) -> Singles:
        """(n, nobs) -> (n, nu) deterministic actions in [-1, 1], by policy.onnx."""
        return self.onnx.act(observations)

    def learned_reward(self, observations: Singles) -> Singles | None:
        """(n, nobs) -> (n,) learned reward of each frame; None if it was not exported."""
        if self.reward is None:
            return None
        return np.asarray(self.task.reward_features(observations) @ self.reward, np.float32)


def write_bundle(
    folder: Path,
    *,
    task: Task,
    policy: PolicyWeights,
    card: ModelCard,
    reward: dict[str, np.ndarray] | None = None,
    preview: bool = True,
    on_progress: Callable[[float, str], None] = lambda _share, _what: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Writes a bundle beside `folder`, and then puts it in its place; an older bundle there is replaced.

    Args:
        folder: where to; it must not exist, be empty, or be a bundle.
        task: what was taught.
        policy: the policy.
        card: what is known of it.
        reward: the learned reward, if it shall be exported: `mean` (nfeature,), see `Task.reward_features`.
        preview: whether to draw a video. Where that is impossible, the bundle is written without and its card says so.
        on_progress: called with the share that is done and what is being done.
        cancelled: asked now and then; true ends the work.

    Returns:
        The folder, absolute.

    Raises:
        BundleError: `folder` holds something else.
        StorageError: it cannot be written: disk full, not permitted.
        ExportCancelledError: `cancelled()` was true. In each of these cases nothing is left behind, and an older bundle
            stays.
        ValueError: `reward` does not fit the task.
    """
    folder = folder.expanduser().resolve()

    def proceed(share: float, what: str) -> None:
        if cancelled():
            raise ExportCancelledError(f"The export to '{folder}' was cancelled; nothing was written.")
        on_progress(share, what)

    _bring_back_old(folder)
    _check_replaceable(folder)
    proceed(0.0, "writing the policy")
    contents = {
        ONNX: build_onnx(policy, f"{task.title}: {task.summary}"),
        WEIGHTS: safetensors.numpy.save(as_tensors(policy)),
        MODEL: task.model_xml.encode(),
        RUN: files("resources").joinpath("bundle", RUN).read_bytes(),
    }
    if reward is not None:
        contents[REWARD] = safetensors.numpy.save({MEAN: checked_reward(reward, task)})
    with _written_beside(folder) as part:
        no_preview = _draw_preview(part, task, policy, proceed) if preview else "none was asked for."
        contents[CARD] = card_text(card, task, no_preview, {*contents, CONFIG}).encode()
        for name, content in contents.items():
            (part / name).write_bytes(content)
        sums = {path.name: _sha256(path.read_bytes()) for path in sorted(part.iterdir())}
        (part / CONFIG).write_text(BundleConfig.describe(task, policy, card, sums).to_json(), encoding="utf-8")
        for path in part.iterdir():
            sync(path)
        proceed(1.0, "done")
    return folder


def load_bundle(folder: Path) -> Bundle:
    """Reads a bundle; every file that decides what the policy does is checked against its checksum.

    Raises:
        FolderGateError: something in the folder is no regular file.
        BundleError: no bundle, a damaged or altered one, or one that does not fit this version's task.
        UnknownTaskError: it is for a task that this version does not have.
    """
    _bring_back_old(folder)
    config, raw = read_config(folder)
    pass_gate(folder)
    task = get_task(config.task)
    model = _checked_content(folder, MODEL, config)
    if model != task.model_xml.encode():
        raise BundleError(_other_robot(folder / MODEL, model, task))
    config.check_fits(task, folder / CONFIG)
    try:
        onnx = OnnxPolicy(_checked_content(folder, ONNX, config))
    except ValueError as error:
        raise BundleError(f"'{folder / ONNX}' is no policy: {one_line(error)}.") from error
    if (onnx.observation_size, onnx.action_size) != (task.observation_size, task.action_size):
        raise BundleError(
            f"'{folder / ONNX}' maps {onnx.observation_size} numbers to {onnx.action_size}, "
            f"wanted {task.observation_size} to {task.action_size} for task '{task.name}'."
        )
    try:
        policy = as_policy(_tensors(folder, WEIGHTS, config))
    except ValueError as error:
        raise BundleError(f"'{folder / WEIGHTS}' holds no policy: {one_line(error)}.") from error
    reward = None
    if REWARD in config.files:
        try:
            reward = checked_reward(_tensors(folder, REWARD, config), task)
        except ValueError as error:
            raise BundleError(f"'{folder / REWARD}' is no learned reward: {one_line(error)}.") from error
    return Bundle(folder, task, policy, config.card, raw, onnx, reward)


def _other_robot(path: Path, xml: bytes, task: Task) -> str:
    """What a model is that is not the task's."""
    try:
        found = examine_model(xml)
    except ForeignModelError as error:
        return f"'{path}' is no model of task '{task.name}': {error}"
    return (
        f"'{path}' is another robot ({found.nq} positions, {found.nu} actuators, {found.ngeom} geoms), wanted that of "
        f"task '{task.name}' in this version ({task.model.nq}, {task.model.nu}, {task.model.ngeom})."
    )


def _draw_preview(part: Path, task: Task, policy: PolicyWeights, proceed: Callable[[float, str], None]) -> str | None:
    """Draws the preview into `part`; returns why there is none, or None if there is."""
    what = "drawing the preview"
    proceed(FILMED, what)
    try:
        clip = record(task, policy.act).clip
        film(task, clip, part / PREVIEW, lambda share: proceed(FILMED + (1.0 - FILMED) * share, what))
    except ExportCancelledError:
        raise
    except Exception as error:  # whatever a driver throws, a policy must not be lost for want of a video
        if isinstance(error, VideoError) and isinstance(error.__cause__, OSError):
            raise error.__cause__ from error  # the disk, not the drawing
        log.warning("no preview: %s", error)
        return str(error)
    return None


def _check_replaceable(folder: Path) -> None:
    """Refuses a folder that holds anything but a bundle."""
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise BundleError(f"'{folder}' is a file; wanted a folder for the bundle.")
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise StorageError(f"'{folder}' cannot be used: {error.strerror or error}.") from error
    strange = sorted(names - {*HOLDS, CARD, PREVIEW})
    if names and (strange or not is_bundle(folder)):
        what = f"holds '{strange[0]}', which is not of a bundle" if strange else "is not empty and no bundle"
        raise BundleError(f"'{folder}' {what}: choose another folder.")


@contextmanager
def _written_beside(folder: Path) -> Iterator[Path]:
    """A new folder to write to, which takes the place of `folder` when all went well and is removed when not."""
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(NAME_BYTES)}.part")
    made = [parent for parent in folder.parents if not parent.exists()]
    try:
        part.mkdir(parents=True)
        yield part
        crash_point("bundle written")
        _put_in_place(part, folder)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
            raise StorageError(f"The bundle '{folder}' could not be written: {reason}.") from error
        raise


def _put_in_place(part: Path, folder: Path) -> None:
    if not folder.exists():
        os.replace(part, folder)
        return
    old = part.with_suffix(OLD)
    os.replace(folder, old)
    crash_point("old bundle set aside")
    try:
        os.replace(part, folder)
    except OSError:
        os.replace(old, folder)
        raise
    crash_point("bundle in place")
    shutil.rmtree(old, ignore_errors=True)


def _bring_back_old(folder: Path) -> None:
    """Undoes half a replacement: a power cut between its two renames leaves an older bundle under a hidden name."""
    for old in folder.parent.glob(f".{glob.escape(folder.name)}.{HEX * 2 * NAME_BYTES}{OLD}"):
        with contextlib.suppress(OSError):  # where nothing can be written, the folder is as missing as before
            if folder.exists():
                shutil.rmtree(old, ignore_errors=True)
            else:
                os.replace(old, folder)


def _tensors(folder: Path, name: str, config: BundleConfig) -> dict[str, np.ndarray]:
    content = _checked_content(folder, name, config)
    try:
        return parse_tensors(content, {FLOAT})[0]
    except ValueError as error:
        raise BundleError(f"'{folder / name}' is no safetensors file: {one_line(error)}.") from error


def _checked_content(folder: Path, name: str, config: BundleConfig) -> bytes:
    """The contents of a file of the bundle, as its checksum says they were written."""
    path = folder / name
    wanted = config.files.get(name)
    if wanted is None:
        raise BundleError(f"'{folder / CONFIG}': files has no '{name}'.")
    try:
        content = read_file(path, FILE_LIMIT)
    except FileNotFoundError as error:
        raise BundleError(f"'{folder}' is no whole bundle: '{name}' is missing.") from error
    except UntrustedError as error:
        raise BundleError(str(error)) from error
    except OSError as error:
        raise BundleError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    found = _sha256(content)
    if found != wanted:
        raise BundleError(f"'{path}' was altered: its SHA-256 is {found[:12]}..., wanted {wanted[:12]}... of {CONFIG}.")
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
