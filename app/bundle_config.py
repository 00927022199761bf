"""What a bundle's config.json says, and whether it fits the task of this program."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.bundle_files import CONFIG
from app.bundle_onnx import ACTION, OBSERVATION, OPSET
from app.model_card import Measured, ModelCard, action_names
from sim.errors import UserError, cut, one_line
from sim.policy import PolicyWeights
from sim.recipe import ObservationTerm, Source, UniformStart
from sim.task import CameraPose, Task
from sim.untrusted import JSON_LIMIT, UntrustedError, parse_json, read_file, read_json

KIND: Final = "backflip bundle"
FORMAT: Final = 1
"""Goes up with every change that an older program would misread."""
SHOWN_CHARACTERS = 60
"""Of a wrong value, in a message."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class BundleError(UserError):
    """A folder is no bundle, or none that can be used here."""


class _Part(BaseModel):
    """Types are taken literally, and a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class ObservationPart(_Part):
    """One number of the observation."""

    name: str
    source: Source
    index: Annotated[int, Field(ge=0)]
    unit: str
    clip: tuple[float, float] | None
    centre: float
    scale: Positive

    @model_validator(mode="after")
    def _check_term(self) -> Self:
        """A term's own limits on its numbers are this part's too."""
        self.as_term()
        return self

    def as_term(self) -> ObservationTerm:
        """The same as a task has it."""
        return ObservationTerm(self.source, self.index, self.unit, self.clip)


class PolicyPart(_Part):
    """The network, and how to call it."""

    opset: int
    input: Literal["observation"]
    output: Literal["action"]
    observation_clip: Positive
    """Normalised observations are clipped to +- this, inside the network."""
    hidden: tuple[Count, ...]
    """Units of the tanh layers."""


class BundleConfig(_Part):
    """All of config.json."""

    kind: Literal["backflip bundle"]
    format: Literal[1]
    task: str
    title: str
    score_name: str
    model_hash: Sha256
    timestep: Positive
    """Seconds of a physics step."""
    substeps: Count
    control_dt: Positive
    episode_steps: Count
    observation: tuple[ObservationPart, ...]
    action: tuple[str, ...]
    """Names of the actuators; each action is in [-1, 1]."""
    policy: PolicyPart
    start: UniformStart
    camera: CameraPose
    learned_reward: Measured
    """The card's, for readers that want one number."""
    card: ModelCard
    files: dict[str, Sha256]
    """SHA-256 of every other file of the bundle."""

    @classmethod
    def describe(cls, task: Task, policy: PolicyWeights, card: ModelCard, files: dict[str, str]) -> Self:
        """The configuration of a bundle with `policy` for `task`."""
        terms = zip(
            task.observation_names,
            task.observation_recipe,
            task.observation_centre.tolist(),
            task.observation_scale.tolist(),
            strict=True,
        )
        return cls(
            kind=KIND,
            format=FORMAT,
            task=task.name,
            title=task.title,
            score_name=task.score_name,
            model_hash=task.model_hash,
            timestep=float(task.model.opt.timestep),
            substeps=task.substeps,
            control_dt=task.control_dt,
            episode_steps=task.episode_steps,
            observation=tuple(
                ObservationPart(
                    name=name,
                    source=term.source,
                    index=term.index,
                    unit=term.unit,
                    clip=term.clip,
                    centre=centre,
                    scale=scale,
                )
                for name, term, centre, scale in terms
            ),
            action=action_names(task),
            policy=PolicyPart(
                opset=OPSET,
                input=OBSERVATION,
                output=ACTION,
                observation_clip=policy.clip,
                hidden=tuple(len(bias) for bias in policy.biases[:-1]),
            ),
            start=task.start_distribution,
            camera=task.camera,
            learned_reward=card.learned_reward,
            card=card,
            files=files,
        )

    def to_json(self) -> str:
        """The text of config.json."""
        return self.model_dump_json(indent=2) + "\n"

    def check_fits(self, task: Task, path: Path) -> None:
        """Refuses a bundle whose robot, observation or control rate is not what `task` has in this program.

        Raises:
            BundleError: names the first field that differs.
        """
        ours = {
            "model_hash": task.model_hash,
            "timestep": float(task.model.opt.timestep),
            "substeps": task.substeps,
            "action": action_names(task),
            "observation": tuple(zip(task.observation_names, task.observation_recipe, strict=True)),
        }
        theirs = {
            **{name: getattr(self, name) for name in ("model_hash", "timestep", "substeps", "action")},
            "observation": tuple((part.name, part.as_term()) for part in self.observation),
        }
        for field, wanted in ours.items():
            if theirs[field] != wanted:
                raise BundleError(
                    f"'{path}': {field} is {_short(theirs[field])}, wanted {_short(wanted)} for task '{task.name}' "
                    "in this version."
                )


def is_bundle(folder: Path) -> bool:
    """Whether `folder` says of itself that it is a bundle, whole or not."""
    try:
        found = read_json(folder / CONFIG)
    except (OSError, UntrustedError):
        return False
    return isinstance(found, dict) and found.get("kind") == KIND


def read_config(folder: Path) -> tuple[BundleConfig, dict[str, Any]]:
    """config.json of the bundle in `folder`, checked, and as it is.

    Raises:
        BundleError: no bundle, a damaged one, or one of a newer version; names file, field, found and wanted.
    """
    path = folder / CONFIG
    try:
        content = read_file(path, JSON_LIMIT)
        raw = parse_json(content)
    except (FileNotFoundError, NotADirectoryError) as error:
        what = f"it has no {CONFIG}" if folder.is_dir() else "there is no such folder"
        raise BundleError(f"'{folder}' is no bundle: {what}.") from error
    except UntrustedError as error:
        raise BundleError(f"'{folder}' is no bundle: {error}") from error
    except OSError as error:
        raise BundleError(f"'{folder}' is no readable bundle: {error.strerror or error}.") from error
    except ValueError as error:
        raise BundleError(f"'{path}' is no JSON, perhaps cut short: {one_line(error)}.") from error
    kind = raw.get("kind") if isinstance(raw, dict) else raw
    if kind != KIND:
        raise BundleError(f"'{folder}' is no bundle: kind in {CONFIG} is {_short(kind)}, wanted '{KIND}'.")
    if raw.get("format") != FORMAT:
        raise BundleError(f"'{path}': bundle format is {_short(raw.get('format'))}, wanted {FORMAT}.")
    try:
        return BundleConfig.model_validate_json(content), raw
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        found = "missing" if first["type"] == "missing" else f"{_short(first['input'])} ({one_line(first['msg'])})"
        raise BundleError(f"'{path}': {one_line(field)} is {found}.") from error


def _short(value: object) -> str:
    """A value on one line, cut where it is long."""
    return cut(" ".join(ascii(value).split()), SHOWN_CHARACTERS)
