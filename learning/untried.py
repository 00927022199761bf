"""Whether a policy that the teacher has not been shown looks better by the learned reward than the shown one."""

from typing import TYPE_CHECKING

from learning.messages import UntriedPolicy

if TYPE_CHECKING:
    from learning.trainer import Trainer


def untried(trainer: "Trainer") -> UntriedPolicy | None:
    """The best by the learned reward of the policies that stood in no policy comparison; None if it is not ahead.

    Ahead is by more than `worth_margin`, as for the comparisons that the trainer asks of its own accord, and by more
    than the posterior standard deviation of the difference. Which of the two is better, only the teacher can tell:
    nothing is decided here.
    """
    standings, questioner = trainer.standings(), trainer.questioner
    tried = {version for pair in questioner.auditioned.values() for version in pair}
    others = [
        entry for entry in trainer.repertoire.entries if entry.version not in tried and entry is not trainer.shown
    ]
    if not others:
        return None
    best = standings.best(others)
    features, of_shown = (trainer.repertoire.mean_features(entry, trainer.lying) for entry in (best, trainer.shown))
    ahead = float(trainer.model.mean(features - of_shown))
    spread = float(trainer.model.std(features - of_shown))
    if ahead <= max(standings.margin, spread):
        return None
    per_second = 1.0 / (trainer.scale * trainer.task.control_dt)
    asked = questioner.counters.wanted == best.version
    return UntriedPolicy(best.version, ahead * per_second, spread * per_second, asked)
