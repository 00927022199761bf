"""Does this look gamed? From what a real teacher has: no true score, only the reward model's doubt and the answers.

A learned reward is gamed where it is wrong about what the policy has come to. Three things tell of that before anybody
counts. The model's own doubt about what the policy has gained is large against the gain, since clips like that were
never compared. What the policy does is common: the untaught robot does as well at many moments, by chance, so that much
was optimised and little found. And answers about policies come out other than the model foretold.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.answers import AnswerBook
from learning.messages import Alarm, AlarmReason
from sim.task import Floats

if TYPE_CHECKING:
    from learning.trainer import Trainer

LATELY = 8
"""So many answers about policies are looked at."""
LEAST_GAIN = 0.1
"""Learned reward a frame, in its unit: a policy that has gained less than this over the first one games nothing."""
INTERCEPT, OF_DOUBT, OF_COMMON, OF_SURPRISE = -1.86, 2.07, 28.66, 0.50
"""Of the chance that it is gamed: a logistic regression on the three signs (docs/lab-notes.md, section 39),"""
HONEST_DOUBT, HONEST_COMMON = 0.34, 0.07
"""which are measured from what is usual in honest runs."""
LOUD = 0.67
"""Above this chance it is said,"""
STEADY = 3
"""when it was so after each of so many labels, one after the other; until it was not after as many, or another policy
is shown."""
HARDLY = 0.05
"""Added to the variance of answers: where the model holds both for alike, nothing surprises it."""


def alarm(trainer: "Trainer") -> Alarm | None:
    """Of the shown policy; None while it has gained nothing that could be gamed.

    Nor after the first few answers, which always leave the reward open.
    """
    first = trainer.repertoire.find(0)
    if first is None or trainer.shown.version == 0 or trainer.counters.early:
        return None
    shown, before = (trainer.repertoire.mean_features(entry, trainer.lying) for entry in (trainer.shown, first))
    if float(trainer.model.mean(shown - before)) / trainer.scale < LEAST_GAIN:
        return None
    chances = chances_about_policies(trainer.book, len(trainer.questioner.broad))
    return sound(doubt_of(trainer, shown - before), common_share(trainer, shown), chances)


def doubt_of(trainer: "Trainer", gained: Floats) -> float:
    """Posterior standard deviation of what a policy gained, as a share of it.

    Args:
        trainer: whose reward model it is.
        gained: (d,) features of a mean frame, less those of the policy before feedback.
    """
    gain = float(trainer.model.mean(gained)) / trainer.scale
    return float(trainer.model.std(gained)) / trainer.scale / max(gain, LEAST_GAIN)


def common_share(trainer: "Trainer", features: Floats) -> float:
    """Share of the untaught robot's frames that the learned reward holds for worth more than (d,) `features`.

    Args:
        trainer: whose reward model it is.
        features: of a policy's mean frame.
    """
    return float((trainer.first_rewards > float(trainer.model.mean(features))).mean())


def chances_about_policies(book: AnswerBook, untaught: int) -> list[float]:
    """The chances that the model gave the last first answers about policies before it learnt from them.

    Args:
        book: all answers.
        untaught: clips of a lower number than this are of the untaught robot.
    """
    about = [chance for pair, chance in book.foretold.items() if max(book.offers[pair].numbers) >= untaught]
    return about[-LATELY:]


def surprise(chances: Sequence[float]) -> float:
    """Standard deviations by which answers were less expected than the model expected; 0 without any."""
    p = np.asarray(chances, np.float64)
    # an answer of chance p or 1 - p is expected to come with this chance, and with this variance of it
    expected, variance = p**2 + (1.0 - p) ** 2, p * (1.0 - p) * (2.0 * p - 1.0) ** 2
    return float((expected - p).sum()) / math.sqrt(float(variance.sum()) + HARDLY)


def sound(doubt: float, common: float, chances: Sequence[float]) -> Alarm:
    """The alarm that these signs give.

    Args:
        doubt: the posterior standard deviation of what the policy gained, as a share of it.
        common: share of the untaught robot's frames that are worth more than the policy's.
        chances: that the model gave the last answers about policies.
    """
    speaks = {
        AlarmReason.DOUBT: OF_DOUBT * math.log(max(doubt, 1e-3) / HONEST_DOUBT),
        AlarmReason.COMMON: OF_COMMON * (common - HONEST_COMMON),
        AlarmReason.SURPRISE: OF_SURPRISE * surprise(chances),
    }
    logit = INTERCEPT + sum(speaks.values())
    score = 1.0 / (1.0 + math.exp(-min(max(logit, -40.0), 40.0)))
    reason = max(speaks, key=speaks.__getitem__)
    foretold = sum(chance > 0.5 for chance in chances)
    return Alarm(score, score > LOUD, reason, doubt, common, len(chances), foretold)


class AlarmRecord:
    """The alarms after the last labels: it is said once they agree.

    It stays until they agree on the contrary, or until another policy is shown that looks honest.
    """

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._last: deque[tuple[int, Alarm | None]] = deque(maxlen=STEADY)
        """Labels and the newest alarm after them, oldest first."""
        self.said = False
        self._shown: int | None = None

    def heard(self, labels: int, shown: int, newest: Alarm | None) -> Alarm | None:
        """Takes in what the signs give now, and returns what is to be said.

        Args:
            labels: in force; what was heard after as many of them is replaced.
            shown: version of the policy that it is about.
            newest: None counts as quiet.
        """
        if self._last and self._last[-1][0] == labels:
            self._last.pop()
        self._last.append((labels, newest))
        loud = [alarm is not None and alarm.loud for _, alarm in self._last]
        if len(loud) == STEADY and len(set(loud)) == 1:
            self.said = loud[0]
        elif shown != self._shown and not loud[-1]:
            self.said = False
        self._shown = shown
        known = [alarm for _, alarm in self._last if alarm is not None]
        if not self.said:
            return None if newest is None else replace(newest, loud=False)
        # one answer on which the signs are quiet takes back nothing: what they were before is still said
        told = next(alarm for alarm in reversed(known) if alarm.loud) if any(loud) else None
        return None if told is None else replace(told, reason=_most(alarm.reason for alarm in known if alarm.loud))

    def state(self) -> dict[str, Any]:
        """As JSON."""
        last = [[labels, None if alarm is None else asdict(alarm)] for labels, alarm in self._last]
        return {"said": self.said, "shown": self._shown, "last": last}

    @classmethod
    def from_state(cls, fields: dict[str, Any] | None) -> "AlarmRecord":
        """What `state` returned; an empty record for None, of a trainer that kept none."""
        record = cls()
        if fields is not None:
            record.said, record._shown = bool(fields["said"]), None if fields["shown"] is None else int(fields["shown"])
            record._last.extend((int(labels), _alarm(found)) for labels, found in fields["last"])
        return record


def _most(reasons: Iterable[AlarmReason]) -> AlarmReason:
    """The most frequent, of equally frequent ones the newest: a reason that changes with each answer is no reason."""
    found = list(reasons)
    return max(reversed(found), key=found.count)


def _alarm(fields: dict[str, Any] | None) -> Alarm | None:
    """An alarm of a state, which may be a stranger's: each field is of its type, or raises."""
    if fields is None:
        return None
    score, doubt, common = (float(fields[name]) for name in ("score", "doubt", "common"))
    answers, foretold = (int(fields[name]) for name in ("answers", "foretold"))
    return Alarm(score, bool(fields["loud"]), AlarmReason(fields["reason"]), doubt, common, answers, foretold)
