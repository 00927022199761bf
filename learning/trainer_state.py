"""A trainer as plain arrays and JSON, and back: it goes on bit for bit."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from learning.alarm import AlarmRecord
from learning.answers import Offer
from learning.config import TrainerConfig
from learning.kl_penalty import KLPenalty
from learning.messages import (
    Choice,
    Pair,
    PairKind,
    PenaltyMode,
    Reading,
    Steering,
    SteeringKind,
    TrainerState,
)
from learning.packing import (
    Tensors,
    pack_generator,
    pack_module,
    pack_optimisers,
    unpack_generator,
    unpack_module,
    unpack_optimisers,
)
from learning.press_book import Judged
from learning.questioner import AskingCounters
from learning.repertoire import Entry
from learning.steering import Before, SteeringBook
from learning.trainer import Counters, Trainer
from learning.trial import Trial
from sim.attempts import Attempts
from sim.clip import ARRAYS, Clip, checked_arrays
from sim.errors import one_line
from sim.task import Task

FORMAT = 7


def pack(trainer: Trainer) -> TrainerState:
    """Everything that the next step of `trainer` depends on."""
    tensors: Tensors = {
        **pack_module(trainer.policy, "policy."),
        **pack_module(trainer.anchor, "anchor."),
        **pack_optimisers(trainer.ppo, "adam."),
        **{f"sim.{name}": array for name, array in trainer.ground.sim.state().items()},
        **trainer.questioner.broad.state("broad."),
        **trainer.questioner.recent.state("recent."),
        "visited.qpos": trainer.ground.visited[0].copy(),
        "visited.qvel": trainer.ground.visited[1].copy(),
        "lying": trainer.lying.copy(),
        "torch_generator": pack_generator(trainer.generator),
    }
    offers = trainer.book.offers
    if offers:
        tensors["offers"] = np.stack([offer.difference for offer in offers.values()])
    judged = trainer.press_book.judged
    if judged:
        tensors["judged"] = np.stack([moments.features for moments in judged.values()])
    for entry in trainer.repertoire.all():
        tensors |= {f"entry.{entry.version}.{name}": array for name, array in entry.parameters.items()}
        tensors[f"entry.{entry.version}.trial"] = entry.trial.feature_sum
    for event_id, before in trainer.steering.before.items():
        tensors |= {f"before.{event_id}.policy.{name}": array for name, array in before.policy.items()}
        tensors |= {f"before.{event_id}.adam.{name}": array for name, array in before.adam.items()}
    for pair in _pairs(trainer):
        for side in ("left", "right"):
            tensors |= {f"pair.{pair.id}.{side}.{name}": getattr(getattr(pair, side), name) for name in ARRAYS}
    meta = {
        "format": FORMAT,
        "config": asdict(trainer.config),
        "seed": trainer.seed,
        "iteration": trainer.iteration,
        "taken_ids": trainer.book.taken_ids,
        "counters": asdict(trainer.counters),
        "asking": asdict(trainer.questioner.counters),
        "rng": trainer.rng.bit_generator.state,
        "learning_rate": trainer.ppo.learning_rate,
        "exploded": trainer.ground.sim.exploded_total,
        "answers": list(trainer.book.answers.items()),
        "hits": list(trainer.book.hits),
        "foretold": list(trainer.book.foretold.items()),
        "offers": [[pair_id, offer.kind, *offer.numbers, offer.check] for pair_id, offer in offers.items()],
        "judged": [[number, moments.sign] for number, moments in judged.items()],
        "auditioned": list(trainer.questioner.auditioned.items()),
        "pairs": [_pair_meta(pair) for pair in _pairs(trainer)],
        "open": [pair.id for pair in trainer.questioner.open],
        "kept": list(trainer.questioner.kept),
        "shown": trainer.shown.version,
        "entries": [_entry_meta(entry) for entry in trainer.repertoire.entries],
        "retired": [_entry_meta(entry) for entry in trainer.repertoire.retired.values()],
        "steering": _steering_meta(trainer.steering),
        "measured": trainer.measured,
        "alarms": trainer.alarms.state(),
    }
    # through JSON at once, so that a state that was never on the disk is what one from the disk is
    return TrainerState(tensors, json.loads(json.dumps(meta)))


def unpack(task: Task, state: TrainerState) -> Trainer:
    """The trainer that `state` was taken from.

    Raises:
        KeyError, ValueError, TypeError: the state is of another version.
    """
    tensors, meta = state.tensors, state.meta
    if meta.get("format") != FORMAT:
        raise ValueError(f"the trainer's state has format {meta.get('format')}, wanted {FORMAT}")
    trainer = Trainer(task, TrainerConfig.from_json(meta["config"]), meta["seed"], _blank=True)
    trainer.iteration = meta["iteration"]
    trainer.counters = Counters(**meta["counters"])
    trainer.questioner.counters = AskingCounters(**meta["asking"])
    unpack_module(trainer.policy, "policy.", tensors)
    unpack_module(trainer.anchor, "anchor.", tensors)
    unpack_optimisers(trainer.ppo, "adam.", tensors)
    trainer.ppo.learning_rate = meta["learning_rate"]
    trainer.ground.sim.restore({name: tensors[f"sim.{name}"] for name in trainer.ground.sim.state()})
    trainer.ground.sim.exploded_total = meta["exploded"]
    trainer.ground.visited = np.array(tensors["visited.qpos"]), np.array(tensors["visited.qvel"])
    trainer.questioner.broad.restore("broad.", tensors)
    trainer.questioner.recent.restore("recent.", tensors)
    trainer.lying = np.array(tensors["lying"])

    book = trainer.book
    for row, (pair_id, kind, left, right, check) in enumerate(meta["offers"]):
        book.offers[pair_id] = Offer(PairKind(kind), np.array(tensors["offers"][row]), (left, right), check)
    book.answers.update({pair_id: Choice(choice) if choice else None for pair_id, choice in meta["answers"]})
    book.hits.extend(meta["hits"])
    book.foretold.update(dict(meta["foretold"]))
    book.taken_ids.extend(meta["taken_ids"])
    for row, (number, sign) in enumerate(meta["judged"]):
        trainer.press_book.judged[number] = Judged(np.array(tensors["judged"][row]), sign)
    pairs = {fields["id"]: _pair(task, fields, tensors) for fields in meta["pairs"]}
    trainer.questioner.open = [pairs[pair_id] for pair_id in meta["open"]]
    trainer.questioner.kept = {pair_id: pairs[pair_id] for pair_id in meta["kept"]}
    trainer.questioner.auditioned = {pair_id: (left, right) for pair_id, (left, right) in meta["auditioned"]}
    trainer.repertoire.entries = [_entry(trainer, fields, tensors) for fields in meta["entries"]]

    retired = [_entry(trainer, fields, tensors) for fields in meta["retired"]]
    trainer.repertoire.retired = {entry.version: entry for entry in retired}

    trainer.shown = next(entry for entry in trainer.repertoire.entries if entry.version == meta["shown"])
    _unpack_steering(trainer, meta["steering"], tensors)
    trainer.measured = list(meta["measured"])
    trainer.alarms = AlarmRecord.from_state(meta.get("alarms"))
    trainer.measure_unit()
    trainer.relearn()
    # last: building a policy draws from them
    unpack_generator(trainer.generator, tensors["torch_generator"])
    trainer.rng.bit_generator.state = meta["rng"]
    return trainer


def _pairs(trainer: Trainer) -> list[Pair]:
    kept = {pair.id: pair for pair in (*trainer.questioner.kept.values(), *trainer.questioner.open)}
    return list(kept.values())


def _pair_meta(pair: Pair) -> dict[str, Any]:
    clips = [{"iteration": clip.iteration, "origin": clip.origin} for clip in (pair.left, pair.right)]
    return {"id": pair.id, "kind": pair.kind, "repeats": pair.repeats, "swapped": pair.swapped, "clips": clips}


def _pair(task: Task, fields: dict[str, Any], tensors: Tensors) -> Pair:
    clips = []
    for side, meta in zip(("left", "right"), fields["clips"], strict=True):
        arrays = {name: np.array(tensors[f"pair.{fields['id']}.{side}.{name}"]) for name in ARRAYS}
        clip = Clip(
            task.name,
            task.model_hash,
            task.control_dt,
            *checked_arrays(arrays, task),
            meta["iteration"],
            meta["origin"],
        )
        clips.append(clip)
    left, right = clips
    return Pair(fields["id"], PairKind(fields["kind"]), left, right, fields["repeats"], fields["swapped"])


def _entry_meta(entry: Entry) -> dict[str, Any]:
    trial = entry.trial
    return {
        "version": entry.version, "generation": entry.generation, "frames": trial.frames, "falls": trial.falls,
        "true_score": trial.true_score, "falls_per_10s": trial.falls_per_10s,
        "iteration": entry.iteration, "labels": entry.labels, "env_steps": entry.env_steps,
        "attempts": None if trial.attempts is None else asdict(trial.attempts),
    }  # fmt: skip


def _entry(trainer: Trainer, fields: dict[str, Any], tensors: Tensors) -> Entry:
    prefix = f"entry.{fields['version']}."
    parameters = {name: np.array(tensors[prefix + name]) for name in pack_module(trainer.policy, "")}
    trial = Trial(
        np.array(tensors[prefix + "trial"]),
        fields["frames"],
        fields["falls"],
        fields["true_score"],
        fields["falls_per_10s"],
        _attempts(fields.get("attempts")),
    )
    when = {name: fields[name] for name in ("iteration", "labels", "env_steps")}
    return Entry(
        fields["version"], fields["generation"], parameters, trainer.policy_of(parameters).weights(), trial, **when
    )


def _attempts(fields: dict[str, Any] | None) -> Attempts | None:
    """What was refused in a trial; None of one that was recorded before this was kept."""
    if fields is None:
        return None
    made, counted, seconds, refused = (fields[name] for name in ("made", "counted", "seconds", "refused"))
    names = [one_line(fields[name]) for name in ("made_name", "counted_name", "reason")]  # a stranger's, perhaps
    return Attempts(int(made), int(counted), float(seconds), names[0], names[1], int(refused), names[2])


def _steering_meta(steering: SteeringBook) -> dict[str, Any]:
    return {
        "events": [asdict(event) for event in steering.events.values()],
        "backs": list(steering.backs.items()),
        "before": [
            [event_id, before.shown, before.learning_rate, before.place]
            for event_id, before in steering.before.items()
        ],
        "penalty": asdict(steering.penalty),
        "reference": steering.meter.reference_version,
        "readings": [
            [version, reading.kl, reading.std_error] for version, reading in steering.meter.readings.items()
        ],
    }  # fmt: skip


def _unpack_steering(trainer: Trainer, fields: dict[str, Any], tensors: Tensors) -> None:
    steering = trainer.steering
    for event in fields["events"]:
        steering.note(Steering(**event | {"kind": SteeringKind(event["kind"]), "mode": _mode(event["mode"])}))
    steering.backs = {event_id: (winner, loser) for event_id, (winner, loser) in fields["backs"]}
    for event_id, shown, learning_rate, place in fields["before"]:
        policy, adam = (_under(tensors, f"before.{event_id}.{part}.") for part in ("policy", "adam"))
        steering.before[event_id] = Before(shown, policy, adam, learning_rate, place)
    penalty = fields["penalty"]
    steering.penalty = KLPenalty(PenaltyMode(penalty["mode"]), penalty["coefficient"], penalty["target"])
    reference = trainer.repertoire.find(fields["reference"])
    if reference is not None:
        steering.meter.measure_from(reference.version, trainer.policy_of(reference.parameters))
    steering.meter.readings = {version: Reading(kl, error) for version, kl, error in fields["readings"]}


def _mode(word: str | None) -> PenaltyMode | None:
    return None if word is None else PenaltyMode(word)


def _under(tensors: Tensors, prefix: str) -> Tensors:
    return {name.removeprefix(prefix): np.array(array) for name, array in tensors.items() if name.startswith(prefix)}
