"""What the trainer reports: a snapshot after each iteration, and a point of the curve for each policy measured."""

from typing import TYPE_CHECKING

from learning.alarm import alarm
from learning.messages import MeterPoint, Phase, Snapshot, Taken
from learning.repertoire import Entry
from learning.untried import untried

if TYPE_CHECKING:
    from learning.trainer import Trainer


def make_snapshot(trainer: "Trainer", phase: Phase, taken: list[Taken]) -> Snapshot:
    """The state of learning now. What was measured since the last one is told once."""
    shown, counters, steering = trainer.shown, trainer.counters, trainer.steering
    learned, spread = learned_reward(trainer, shown)
    used = 1.0 - counters.practice_left / counters.granted if counters.granted else 1.0
    measured, trainer.measured = trainer.measured, []
    earlier = (
        ()
        if trainer.told_attempts
        else tuple(
            (entry.version, entry.trial.attempts)
            for entry in trainer.repertoire.all()
            if entry.trial.attempts is not None
        )
    )
    trainer.told_attempts = True
    told = [entry for entry in trainer.repertoire.all() if entry.version in measured] if measured else []
    return Snapshot(
        iteration=trainer.iteration,
        phase=phase,
        env_steps=counters.env_steps,
        labels=trainer.labels,
        events_waiting=len(trainer.queue),
        generation=counters.generation,
        learned_reward=learned,
        learned_reward_std=spread,
        agreement=trainer.book.agreement,
        agreement_count=len(trainer.book.hits),
        leash_used=min(max(used, counters.kl / trainer.leash), 1.0),
        kl=counters.kl,
        true_score=shown.trial.true_score,
        falls_per_10s=shown.trial.falls_per_10s,
        shown_policy=shown.weights,
        shown_version=shown.version,
        early=counters.early,
        attempts=shown.trial.attempts,
        presses=trainer.press_book.count,
        practising_policy=trainer.policy.weights(),
        practising_spread=trainer.trying(),
        alarm=trainer.alarms.heard(trainer.labels, shown.version, alarm(trainer)),
        untried=untried(trainer),
        reading=steering.meter.readings.get(shown.version),
        reference_version=steering.meter.reference_version,
        penalty=steering.penalty.mode,
        penalty_coefficient=steering.penalty.coefficient,
        points=tuple(meter_point(trainer, entry) for entry in told),
        earlier_attempts=earlier,
        taken=tuple(taken),
        exploded=trainer.ground.sim.exploded_total,
    )


def meter_point(trainer: "Trainer", entry: Entry) -> MeterPoint:
    """What is known of a policy now."""
    learned, spread = learned_reward(trainer, entry)
    return MeterPoint(
        version=entry.version,
        generation=entry.generation,
        iteration=entry.iteration,
        labels=entry.labels,
        env_steps=entry.env_steps,
        reading=trainer.steering.meter.readings[entry.version],
        learned_reward=learned,
        learned_reward_std=spread,
        true_score=entry.trial.true_score,
        falls_per_10s=entry.trial.falls_per_10s,
        policy=entry.weights,
        attempts=entry.trial.attempts,
    )


def learned_reward(trainer: "Trainer", entry: Entry) -> tuple[float, float]:
    """Of a policy, per second, and its posterior standard deviation, falls paid for."""
    features = trainer.repertoire.mean_features(entry, trainer.lying)
    per_second = 1.0 / (trainer.scale * trainer.task.control_dt)
    mean = (float(trainer.model.mean(features)) - trainer.middle) * per_second
    return mean, float(trainer.model.std(features - trainer.first_features)) * per_second
