"""The real trainer under the one loop: what a checkpoint holds, and what comes from the database."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.commands import Submit
from app.errors import ForeignSessionError, UsageError
from app.labelling import Labelling
from app.replay import replay, verdict
from app.runner import Runner
from app.session import NewSession, Session
from app.trainers import LearningTrainers, parse_config
from learning.config import TrainerConfig
from learning.messages import Choice, Phase
from sim.registry import get_task

SMALL: dict[str, Any] = {
    "nsim": 16, "rollout_steps": 8, "hidden": (8,), "trial_episodes": 1, "broad_clips": 40, "recent_clips": 24,
    "clips_per_trial": 6, "candidates": 50, "clip_frames": 12, "audition_frames": 20, "leash_nats": 100.0,
}  # fmt: skip


def test_an_answer_that_waits_in_a_checkpoint_is_taken_in_once(tmp_path: Path) -> None:
    """It is in the checkpoint and in the database: a session killed just then must replay all the same."""
    trainers = LearningTrainers(SMALL)
    with Session.create(tmp_path / "session", NewSession("hopper-backflip", 5)) as session:
        runner = Runner(session, trainers)
        labelling = Labelling(session, lambda event: runner.send(Submit(event)), lambda: runner.board.offered)
        runner.start()
        first, second = labelling.pairs()
        labelling.answer(first.id, Choice.LEFT, 1.0)
        labelling.answer(second.id, Choice.RIGHT, 1.0)
        assert [item.event_id for item in runner.turn().taken] == [1]
        runner.checkpoint()
    with Session(tmp_path / "session") as session:
        runner = Runner(session, trainers)
        runner.start()
        taken = []
        while (snapshot := runner.turn()).phase is not Phase.WAITING or snapshot.events_waiting:
            taken += [item.event_id for item in snapshot.taken]
        runner.finish()
        assert taken == [2]
        assert [digest.events for digest in session.journal.digests()] == [1, 2]
    report = replay(tmp_path / "session", trainers, lambda *_: None)
    assert report.same and report.checks == 2, verdict(report)


def test_a_session_of_an_earlier_learner_is_left_alone(tmp_path: Path) -> None:
    """Its answers are about pairs that this learner would not ask."""
    trainers = LearningTrainers(SMALL)
    with Session.create(tmp_path / "session", NewSession("hopper-backflip", 5)) as session:
        runner = Runner(session, trainers)
        Labelling(session, lambda event: runner.send(Submit(event)), lambda: runner.board.offered)
        runner.start()
        runner.finish()
        config = session.header.trainer
        assert config is not None
        for earlier in ({**config, "learner": 1}, {name: value for name, value in config.items() if name != "learner"}):
            session.set_trainer_config(earlier)
            for path, _ in session.checkpoints.good():
                path.unlink()
            with pytest.raises(ForeignSessionError, match="began with learner 1"):
                Runner(session, trainers).start()


def test_a_session_from_before_goes_on_as_it_was() -> None:
    """Its configuration lacks how blunt presses are, how long a win counts among them, what answers pay for."""
    now = LearningTrainers(SMALL).default_config()
    earlier = {name: now[name] for name in now if name not in ("press_sharpness", "win_holds", "paid_as_alone")}
    assert TrainerConfig.from_json(now).press_sharpness < 1.0
    assert TrainerConfig.from_json(earlier).press_sharpness == 1.0
    assert TrainerConfig.from_json(earlier).win_holds > 10**6
    assert TrainerConfig.from_json(now).paid_as_alone and not TrainerConfig.from_json(earlier).paid_as_alone


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{}", {}),
        ('{"fall_price": 0, "progress_auditions": false}', {"fall_price": 0, "progress_auditions": False}),
        ('{"schedule": [[5, 3], [10, 7]], "hidden": [32]}', {"schedule": [[5, 3], [10, 7]], "hidden": [32]}),
        ('{"prior_strength": 1e9}', {"prior_strength": 1e9}),
    ],
)
def test_fields_of_the_configuration(text: str, wanted: dict[str, Any]) -> None:
    assert parse_config(text) == wanted


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "JSON object"),
        ("fall_price=0", "JSON object"),
        ("[1]", "JSON object"),
        ('{"fall_prise": 0}', "did you mean 'fall_price'"),
        ('{"zzz": 0}', "no field"),
        ('{"fall_price": "much"}', "wanted something like 0.25"),
        ('{"fall_price": NaN}', "wanted something like"),
        ('{"nsim": 1.5}', "wanted something like 192"),
        ('{"nsim": true}', "wanted something like 192"),
        ('{"nsim": 0}', "1 or more"),
        ('{"progress_auditions": 1}', "wanted something like True"),
        ('{"schedule": [5, 3]}', "wanted something like"),
        ('{"schedule": [[5]]}', "schedule"),
        ('{"hidden": [0]}', "none below 1"),
        ('{"press_sharpness": 0.0}', "more than 0"),
        ('{"learner": 1}', "learner 1"),
    ],
)
def test_no_fields_of_the_configuration(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="--config") as caught:
        parse_config(text)
    assert hint in str(caught.value) and "\n" not in str(caught.value)


def test_a_session_keeps_the_fields_that_were_changed(tmp_path: Path) -> None:
    trainers = LearningTrainers({**SMALL, "fall_price": 0.5})
    with Session.create(tmp_path / "session", NewSession("hopper-backflip", 5)) as session:
        runner = Runner(session, trainers)
        runner.start()
        runner.finish()
        assert session.header.trainer is not None and session.header.trainer["fall_price"] == 0.5


def test_a_task_may_need_other_numbers_and_a_person_has_the_last_word() -> None:
    gripper, usual = get_task("gripper-grasp"), LearningTrainers().default_config()
    assert LearningTrainers().default_config(get_task("walker-walk")) == usual
    config = LearningTrainers().default_config(gripper)
    assert {name for name in usual if config[name] != usual[name]} == set(gripper.teaching)
    TrainerConfig.from_json(json.loads(json.dumps(config)))
    assert LearningTrainers({"good_share": 0.1}).default_config(gripper)["good_share"] == 0.1
