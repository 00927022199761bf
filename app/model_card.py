"""The model card: what an exported policy is, where it comes from, how good it is, and what it cannot do."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from app.bundle_files import HOLDS
from learning.messages import Choice
from sim.task import Task


def _nan_if_none(value: object) -> object:
    return math.nan if value is None else value


def _none_if_not_finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


Measured = Annotated[float, BeforeValidator(_nan_if_none), PlainSerializer(_none_if_not_finite)]
"""A number that may be missing: NaN here, null in JSON, which has no NaN."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The facts of a model card (after Mitchell et al. 2019, "Model Cards for Model Reporting")."""

    session: str
    """Name of the session that it was taught in."""
    teacher: str
    """Who gave the labels."""
    labels: int
    """Labels in force; answers that could not tell are not among them."""
    label_counts: dict[str, int]
    """How many of each answer."""
    env_steps: int
    """Control steps simulated while learning."""
    iterations: int
    """Of the trainer."""
    seed: int
    """The session's."""
    true_score: Measured
    """Of the task's own measure, from `evaluation_episodes` deterministic episodes; see `Task.score_name`."""
    falls_per_10s: Measured
    evaluation_episodes: int
    learned_reward: Measured
    """Mean learned reward per second, under the reward model at the end."""
    peeked: bool
    """Whether the teacher ever looked at the true score while teaching."""
    versions: dict[str, str]
    """Package: version, of what the policy was taught and scored with."""
    created: str
    """ISO 8601 date and time, with time zone."""
    limits: tuple[str, ...]
    """What the policy cannot do, a sentence each."""


def card_text(card: ModelCard, task: Task, no_preview: str | None, files: Collection[str]) -> str:
    """The card as Markdown, the README.md of a bundle.

    Args:
        card: its facts.
        task: the task that was taught.
        no_preview: why the bundle has no preview.mp4; None if it has one.
        files: names of the bundle's files; the card tells of no other.
    """
    return "\n\n".join(
        [
            f"# {task.title}: an exported policy",
            (
                f"{task.summary} It was taught with Backflip by feedback alone ({_count(card.labels, 'label')} from: "
                f"{_plain(card.teacher)}), and runs without Backflip."
            ),
            _PREVIEWED if no_preview is None else f"No preview video: {_plain(no_preview)}",
            _USE,
            _table(("file", "holds"), [(f"`{name}`", holds) for name, holds in HOLDS.items() if name in files]),
            "## How good it is\n\n" + _table(("measure", "value"), _scores(card, task)),
            "## How it was taught\n\n" + _table(("what", "value"), _teaching(card)),
            _interface(task),
            "## Versions\n\n" + _table(("package", "version"), list(card.versions.items())),
            "## Known limits\n\n" + "\n".join(f"- {_plain(limit)}" for limit in card.limits),
        ]
    ) + "\n"  # fmt: skip


_PREVIEWED = "[preview.mp4](preview.mp4) shows one ordinary episode."
_USE = """## Use

```
pip install numpy mujoco onnxruntime
python run.py                                              play it in MuJoCo's viewer
python run.py --frames pictures                            write pictures; needs no display
python run.py --states states.npz --episodes 8 --seed 1    write time, qpos and qvel of whole episodes
```"""


def _scores(card: ModelCard, task: Task) -> list[tuple[str, str]]:
    return [
        (f"true score ({task.score_name})", _number(card.true_score)),
        ("falls per 10 s", _number(card.falls_per_10s)),
        ("episodes scored, with deterministic actions", f"{card.evaluation_episodes}"),
        ("learned reward per second", _number(card.learned_reward)),
    ]


def _teaching(card: ModelCard) -> list[tuple[str, str]]:
    told = {said: count for said, count in card.label_counts.items() if count}
    unsure = told.pop(Choice.CANNOT_TELL, 0)
    counts = ", ".join(f"{count} {said}" for said, count in told.items())
    return [
        ("session", card.session),
        ("teacher", card.teacher),
        ("labels", f"{card.labels}" + (f" ({counts})" if counts else "")),
        ("answers that could not tell, not among the labels", f"{unsure}"),
        ("teacher looked at the true score", "yes" if card.peeked else "no"),
        ("control steps simulated", f"{card.env_steps:,}"),
        ("iterations", f"{card.iterations:,}"),
        ("seed", f"{card.seed}"),
        ("exported", card.created),
    ]


def _interface(task: Task) -> str:
    terms = zip(
        task.observation_names,
        task.observation_recipe,
        task.observation_centre.tolist(),
        task.observation_scale.tolist(),
        strict=True,
    )
    rows = [
        (name, f"{term.source}[{term.index}]", term.unit, _range(term.clip), f"{centre:.4g}", f"{scale:.4g}")
        for name, term, centre, scale in terms
    ]
    actions = ", ".join(f"`{name}`" for name in action_names(task))
    return (
        f"## Interface\n\nOne action every {1e3 * task.control_dt:g} ms of simulation, held for {task.substeps} "
        f"physics steps. Actions, each in [-1, 1]: {actions}. The observation, read after each control step:\n\n"
        + _table(("name", "from", "unit", "clipped to", "centre", "scale"), rows)
    )


def action_names(task: Task) -> tuple[str, ...]:
    """Names of the actuators, in the action's order."""
    return tuple(task.model.actuator(index).name for index in range(task.action_size))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines)


def _range(clip: tuple[float, float] | None) -> str:
    return "" if clip is None else f"{clip[0]:g} to {clip[1]:g}"


def _plain(text: str) -> str:
    """One line without what would end a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "not measured"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
