"""The schedule in answers, and a lesson that goes the same way however it is cut up."""

import json
import math
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

import sim.batch
from learning.config import TrainerConfig
from learning.messages import Choice, FeedbackEvent, PairKind, Phase, Press, Snapshot, SteeringKind, TrainerState
from learning.practice import start_inputs
from learning.questioner import PROBES, context_of
from learning.reward_model import BayesianRewardModel
from learning.teachers import SimulatedTeacher
from learning.trainer import Trainer
from sim.task import Task
from tests.unit.learning.conftest import Lesson

ANSWERS = 12
Begin = Callable[..., Lesson]


def same_state(first: TrainerState, second: TrainerState) -> bool:
    """Bit for bit."""
    return (
        json.dumps(first.meta) == json.dumps(second.meta)
        and first.tensors.keys() == second.tensors.keys()
        and all(array.tobytes() == second.tensors[name].tobytes() for name, array in first.tensors.items())
    )


def replay(trainer: Trainer, lesson: Lesson) -> Trainer:
    """Takes in what `trainer` does not know yet, each event at its iteration, up to where `lesson` ended."""
    known = set(trainer.book.taken_ids)
    for event_id, iteration in lesson.taken:
        if event_id not in known:
            trainer.submit(lesson.events[event_id], at_iteration=iteration)
    snapshot = trainer.step()
    while snapshot.phase is not Phase.WAITING or snapshot.events_waiting:
        snapshot = trainer.step()
    assert snapshot.iteration == lesson.trainer.iteration
    return trainer


@pytest.fixture(scope="module")
def lesson(task: Task, small: TrainerConfig, oracle: SimulatedTeacher) -> Lesson:
    """Twelve answers, with one changed and one taken back in the middle of practice, and an answer that cannot tell."""
    lesson = Lesson(Trainer(task, small, seed=3), oracle)
    for number in range(ANSWERS):
        lesson.answer(Choice.CANNOT_TELL if number == 6 else None)
        lesson.step()
        if number == 2:
            lesson.say(0, Choice.EQUAL, supersedes=1)
        if number == 4:
            lesson.say(1, None, supersedes=2)
        lesson.practise()
    return lesson


@pytest.fixture(scope="module")
def states(task: Task, small: TrainerConfig, lesson: Lesson) -> dict[int, TrainerState]:
    """The same lesson again, with its state taken at each iteration while it goes on."""
    trainer = Trainer(task, small, seed=3)
    for event_id, iteration in lesson.taken:
        trainer.submit(lesson.events[event_id], at_iteration=iteration)
    kept = {}
    while trainer.iteration < lesson.trainer.iteration:
        kept[trainer.iteration] = trainer.state()
        trainer.step()
    assert trainer.weights_digest() == lesson.trainer.weights_digest()
    return kept


# The schedule


def test_nothing_is_learnt_before_the_first_label(begin: Begin) -> None:
    lesson = begin()
    digest = lesson.trainer.weights_digest()
    snapshot = lesson.step()
    assert snapshot.phase is Phase.WAITING and snapshot.iteration == 0 and snapshot.labels == 0
    assert lesson.trainer.weights_digest() == digest
    assert [pair.id for pair in lesson.trainer.open_pairs()] == [0, 1]


def test_waiting_changes_nothing(begin: Begin) -> None:
    lesson = begin()
    before = lesson.teach(3)
    state, digest = lesson.trainer.state(), lesson.trainer.weights_digest()
    for _ in range(50):
        snapshot = lesson.trainer.step()
        assert snapshot.phase is Phase.WAITING and snapshot.iteration == before.iteration
    assert lesson.trainer.weights_digest() == digest
    assert same_state(lesson.trainer.state(), state)


def test_each_label_pays_for_its_practice(begin: Begin, small: TrainerConfig) -> None:
    lesson = begin()
    before = 0
    for label in range(1, 11):
        iteration = lesson.teach(1).iteration
        assert iteration - before == small.granted(label)
        before = iteration
    assert [small.granted(label) for label in (1, 3, 4, 8, 9)] == [3, 3, 2, 2, 1]


@pytest.mark.parametrize(("as_alone", "paid"), [(True, 3), (False, 1)])
def test_an_answer_pays_for_no_less_than_without_presses(begin: Begin, paid: int, *, as_alone: bool) -> None:
    lesson = begin(paid_as_alone=as_alone)
    for _ in range(9):
        lesson.press(Press.REWARD)
        before = lesson.practise().iteration
    assert lesson.trainer.config.granted(10) == 1 and lesson.trainer.config.granted(1) == 3
    assert lesson.teach(1).iteration - before == paid


def test_a_fresh_policy_begins_after_the_first_few_labels(begin: Begin) -> None:
    """But not for an answer that tells nothing, and only once."""
    lesson = begin(generation_iterations=10**6)
    lesson.teach(3)
    first = lesson.trainer.policy
    lesson.answer(Choice.CANNOT_TELL)
    lesson.practise()
    assert lesson.trainer.policy is first
    lesson.teach(1)
    second = lesson.trainer.policy
    assert second is not first and lesson.trainer.counters.generation == 0
    lesson.teach(3)
    assert lesson.trainer.policy is second
    without = begin(schedule=((100, 2),), generation_iterations=10**6)
    policy = without.trainer.policy
    without.teach(2)
    assert without.trainer.policy is policy


def test_the_leash_ends_practice_early(begin: Begin) -> None:
    lesson = begin(leash_nats=1e-9)
    for label in range(1, 4):
        snapshot = lesson.teach(1)
        assert snapshot.iteration == label
        assert snapshot.leash_used == 1.0
        assert snapshot.kl > 1e-9
    long = begin().teach(1)
    assert long.iteration == 3


def test_cannot_tell_pays_for_no_practice(begin: Begin) -> None:
    lesson = begin()
    before = lesson.teach(2)
    digest = lesson.trainer.weights_digest()
    lesson.answer(Choice.CANNOT_TELL)
    after = lesson.practise()
    assert after.iteration == before.iteration and after.labels == before.labels + 1
    assert lesson.trainer.weights_digest() == digest
    assert [pair.id for pair in lesson.trainer.open_pairs()] == [3, 4]


def test_labels_are_the_answers_in_force(lesson: Lesson) -> None:
    assert lesson.snapshots[-1].labels == ANSWERS - 1
    assert lesson.snapshots[-1].events_waiting == 0
    assert sorted(event_id for event_id, _ in lesson.taken) == sorted(lesson.events)


# The same learning


def test_same_seed_and_labels_give_the_same_weights(begin: Begin) -> None:
    first, again, other = begin(seed=1), begin(seed=1), begin(seed=2)
    for lesson in (first, again, other):
        lesson.teach(4)
    assert same_state(first.trainer.state(), again.trainer.state())
    assert first.trainer.weights_digest() != other.trainer.weights_digest()


def test_who_answers_when_practice_is_done_teaches_the_same_however_late(begin: Begin) -> None:
    slow, prompt = begin(seed=5), begin(seed=5)
    for _ in range(7):
        for _ in range(6):
            slow.step()
        slow.answer()
        slow.practise()
    prompt.teach(7)
    assert prompt.trainer.weights_digest() == slow.trainer.weights_digest()
    assert prompt.taken == slow.taken


def test_who_does_not_wait_is_learnt_from_at_once_and_practised_for_later(
    begin: Begin, task: Task, small: TrainerConfig
) -> None:
    hasty = begin(seed=3)
    for number in range(6):
        hasty.answer()
        assert [taken.event_id for taken in hasty.step().taken] == [number + 1]
        assert len(hasty.trainer.open_pairs()) == small.pairs_ahead, "the next pair is there"
    granted = sum(small.granted(label) for label in range(1, 7))
    assert hasty.trainer.counters.practice_left == granted - 6
    assert hasty.practise().iteration == granted
    replayed = replay(Trainer(task, small, seed=3), hasty)
    assert replayed.weights_digest() == hasty.trainer.weights_digest()


def test_a_session_replays_to_the_same_weights(task: Task, small: TrainerConfig, lesson: Lesson) -> None:
    replayed = replay(Trainer(task, small, seed=3), lesson)
    assert replayed.weights_digest() == lesson.trainer.weights_digest()
    assert same_state(replayed.state(), lesson.trainer.state())


@pytest.mark.parametrize("share", [0.0, 0.15, 0.4, 0.6, 0.8, 0.95])
def test_an_interrupted_session_goes_on_bit_for_bit(
    share: float, task: Task, lesson: Lesson, states: dict[int, TrainerState]
) -> None:
    state = states[int(share * len(states))]
    from_disk = TrainerState({name: array.copy() for name, array in state.tensors.items()}, state.meta)
    resumed = Trainer.from_state(task, from_disk)
    assert same_state(resumed.state(), state)
    assert replay(resumed, lesson).weights_digest() == lesson.trainer.weights_digest()
    assert same_state(resumed.state(), lesson.trainer.state())


def test_a_waiting_event_is_not_in_the_state_and_is_handed_in_again(task: Task, begin: Begin) -> None:
    """The program keeps all events: in the state too, they could be taken in twice."""
    lesson = begin()
    lesson.teach(1)
    left = [lesson.answer(), lesson.answer()]
    resumed = Lesson(Trainer.from_state(task, lesson.trainer.state()), lesson.teacher)
    for event in left:
        resumed.trainer.submit(event)
    assert resumed.practise().labels == lesson.practise().labels == 3
    assert resumed.trainer.weights_digest() == lesson.trainer.weights_digest()


def test_a_state_of_another_version_is_refused(task: Task, lesson: Lesson) -> None:
    state = lesson.trainer.state()
    with pytest.raises(ValueError, match="format 99"):
        Trainer.from_state(task, TrainerState(state.tensors, state.meta | {"format": 99}))


@pytest.fixture(scope="module")
def fragments(small: TrainerConfig) -> TrainerConfig:
    """No auditions, and many candidates: every pair depends on the model."""
    return replace(small, audition_gap=10**6, check_every=50, repeat_every=50, candidates=1000)


@pytest.fixture(scope="module")
def hasty(task: Task, fragments: TrainerConfig, oracle: SimulatedTeacher) -> Lesson:
    """Older answers are taken back while a new one waits to be taken in at the same iteration."""
    lesson = Lesson(Trainer(task, fragments, seed=3), oracle)
    lesson.teach(5)
    lesson.answer()
    for pair_id in range(4):
        lesson.say(pair_id, None, supersedes=pair_id + 1)
    lesson.practise()
    lesson.teach(2)
    return lesson


def test_a_change_beside_a_new_answer_replays_in_the_order_taken(
    task: Task, fragments: TrainerConfig, hasty: Lesson
) -> None:
    replayed = replay(Trainer(task, fragments, seed=3), hasty)
    assert replayed.weights_digest() == hasty.trainer.weights_digest()


def test_a_change_beside_a_new_answer_replays_in_the_order_committed(
    task: Task, fragments: TrainerConfig, hasty: Lesson
) -> None:
    by_number = replace(hasty, taken=sorted(hasty.taken))
    replayed = replay(Trainer(task, fragments, seed=3), by_number)
    assert replayed.weights_digest() == hasty.trainer.weights_digest()


# Changed answers


def test_taking_an_answer_back_unlearns_it(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(5)
    trainer = lesson.trainer
    lesson.say(2, None, supersedes=3)
    lesson.practise()
    differences, targets = [], []
    for pair_id, choice in ((event.pair_id, event.choice) for event in lesson.events.values()):
        if pair_id != 2 and choice in (Choice.LEFT, Choice.RIGHT, Choice.EQUAL):
            differences.append(trainer.book.offers[pair_id].difference)
            targets.append({Choice.LEFT: 1.0, Choice.RIGHT: 0.0, Choice.EQUAL: 0.5}[choice])
    never = BayesianRewardModel(trainer.prior, trainer.config.error_floor, trainer.config.error_strength)
    never.fit(np.stack(differences), np.array(targets))
    assert trainer.model.posterior.weights.tobytes() == never.posterior.weights.tobytes()
    assert trainer.model.posterior.covariance.tobytes() == never.posterior.covariance.tobytes()


def test_a_changed_answer_turns_the_model_round(begin: Begin) -> None:
    lesson = begin()
    event = lesson.answer(Choice.LEFT)
    lesson.practise()
    offer = lesson.trainer.book.offers[event.pair_id]
    assert lesson.trainer.model.probability(offer.difference[None])[0] > 0.6
    before = lesson.trainer.iteration
    lesson.say(event.pair_id, Choice.RIGHT, supersedes=event.id)
    snapshot = lesson.practise()
    assert lesson.trainer.model.probability(offer.difference[None])[0] < 0.4
    assert snapshot.iteration == before, "a change pays for no practice"


def test_a_change_is_taken_in_at_the_next_iteration(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(1)
    lesson.answer()
    lesson.step()
    change = lesson.say(0, Choice.EQUAL, supersedes=1)
    beside = lesson.answer()
    snapshot = lesson.step()
    assert [taken.event_id for taken in snapshot.taken] == [change.id, beside.id], "as they were committed"
    assert snapshot.events_waiting == 0


# Pairs


def test_every_other_question_is_about_each_context_alike(begin: Begin) -> None:
    trainer = begin().trainer
    probes = trainer.questioner.probes
    frames = trainer.task.reward_features(trainer.questioner.first_frames()).astype(np.float64)
    contexts = context_of(probes + frames.mean(axis=0), trainer.task.feature_layout.contexts)
    counts = np.bincount(contexts)
    assert set(counts) <= {0, PROBES} and np.count_nonzero(counts) >= 2, "a context that never came about has none"


def test_no_audition_comes_before_there_is_something_to_compare(begin: Begin) -> None:
    lesson = begin(auditions_from=7)
    lesson.teach(12)
    kinds = [lesson.pairs[number].kind for number in range(12)]
    assert PairKind.AUDITION not in kinds[:7] and PairKind.AUDITION in kinds[7:]


def test_clips_have_the_length_of_their_kind(lesson: Lesson, small: TrainerConfig) -> None:
    for pair in lesson.pairs.values():
        length = small.clip_frames if pair.kind is PairKind.FRAGMENT else small.audition_frames
        if pair.kind is not PairKind.REPEAT:
            assert len(pair.left) == len(pair.right) == length


def test_auditions_are_between_different_policies_and_never_twice(lesson: Lesson, small: TrainerConfig) -> None:
    auditions = [pair.id for pair in lesson.pairs.values() if pair.kind is PairKind.AUDITION]
    assert len(auditions) >= 2
    assert min(np.diff(auditions)) > small.audition_gap
    assert list(lesson.trainer.questioner.auditioned) == auditions
    versions = [frozenset(pair) for pair in lesson.trainer.questioner.auditioned.values()]
    assert len(versions) == len(set(versions))
    assert all(len(pair) == 2 for pair in versions)


def test_repeats_are_flagged_and_show_the_same_clips(begin: Begin, lesson: Lesson, small: TrainerConfig) -> None:
    # every other pair, and little practice between
    more = begin(repeat_every=2, leash_nats=1e-9)
    more.teach(24)
    swapped = set()
    for some in (lesson, more):
        for pair in some.pairs.values():
            every = some.trainer.config.repeat_every
            # the very first have nothing to repeat
            due = pair.id % every == every - 1 and pair.id >= small.pairs_ahead
            assert (pair.kind is PairKind.REPEAT) == due == (pair.repeats is not None)
            if pair.repeats is not None:
                earlier = some.pairs[pair.repeats]
                assert earlier.id < pair.id and earlier.kind is not PairKind.REPEAT
                sides = (earlier.right, earlier.left) if pair.swapped else (earlier.left, earlier.right)
                for side, wanted in zip((pair.left, pair.right), sides, strict=True):
                    np.testing.assert_array_equal(side.states, wanted.states)
                offers = some.trainer.book.offers
                sign = -1 if pair.swapped else 1
                np.testing.assert_array_equal(offers[pair.id].difference, sign * offers[earlier.id].difference)
                swapped.add(pair.swapped)
    assert swapped == {True, False}


def test_no_pair_comes_twice_except_on_purpose(lesson: Lesson, small: TrainerConfig) -> None:
    offers = [offer for offer in lesson.trainer.book.offers.values() if offer.kind is not PairKind.REPEAT]
    numbers = [frozenset(offer.numbers) for offer in offers]
    assert len(set(numbers)) == len(numbers)
    shown = [number for pair in numbers for number in pair]
    assert max(shown.count(number) for number in shown) <= small.clip_uses


def test_agreement_is_of_random_pairs_alone(lesson: Lesson, small: TrainerConfig) -> None:
    checks = {pair_id for pair_id, offer in lesson.trainer.book.offers.items() if offer.check}
    assert checks == {
        pair.id
        for pair in lesson.pairs.values()
        if pair.id % small.check_every == small.check_every - 1 and pair.kind is PairKind.FRAGMENT
    }
    assert 0 < lesson.snapshots[-1].agreement_count <= len(checks)
    assert lesson.snapshots[0].agreement is None


def test_generations_are_counted(begin: Begin) -> None:
    lesson = begin(
        improvement=np.inf, longest_generation=6
    )  # what is found never counts as better: each stretch is one
    lesson.teach(8)
    values = [snapshot.generation for snapshot in lesson.snapshots]
    assert values == sorted(values) and values[-1] > values[0]


def test_pairs_are_numbered_in_order(lesson: Lesson) -> None:
    assert sorted(lesson.pairs) == list(range(ANSWERS + 2))


# Reports


def test_snapshots_are_finite_and_go_on(lesson: Lesson, small: TrainerConfig) -> None:
    for snapshot in lesson.snapshots:
        for field in fields(Snapshot):
            value = getattr(snapshot, field.name)
            if isinstance(value, float):
                assert math.isfinite(value), field.name
        assert 0 <= snapshot.leash_used <= 1 and snapshot.kl >= 0 and snapshot.learned_reward_std >= 0
    for name in ("iteration", "env_steps"):
        values = [getattr(snapshot, name) for snapshot in lesson.snapshots]
        assert values == sorted(values) and values[-1] > values[0]
    assert lesson.snapshots[-1].env_steps == lesson.trainer.iteration * small.nsim * small.rollout_steps
    assert lesson.snapshots[-1].exploded == 0


def test_the_shown_policy_is_unbeaten_and_none_is_far_ahead(begin: Begin, small: TrainerConfig) -> None:
    lesson = begin(repertoire=6)
    changed = 0
    for _ in range(14):
        before = lesson.trainer.shown
        snapshot = lesson.teach(1)
        trainer = lesson.trainer
        unbeaten = trainer.repertoire.unbeaten(trainer.questioner.outcomes())
        assert trainer.shown in unbeaten and trainer.shown in trainer.repertoire.entries
        standings = trainer.standings()
        ahead, of_shown = (standings.worths(entries).max() for entries in (unbeaten, [trainer.shown]))
        if trainer.shown.version not in {winner for winner, _ in trainer.questioner.outcomes()}:
            assert ahead - of_shown <= small.worth_leap * trainer.scale + 1e-9 + standings.margin
        assert snapshot.shown_policy is trainer.export_policy() is trainer.shown.weights
        assert snapshot.shown_version == trainer.shown.version
        changed += trainer.shown is not before
    assert changed > 0


def test_the_winner_of_an_audition_is_shown(begin: Begin) -> None:
    lesson = begin(improvement=np.inf, worth_leap=np.inf)
    while not any(pair.kind is PairKind.AUDITION for pair in lesson.trainer.open_pairs()[:1]):
        lesson.teach(1)
    trainer, pair = lesson.trainer, lesson.trainer.open_pairs()[0]
    left, right = trainer.questioner.auditioned[pair.id]
    kept = {entry.version for entry in trainer.repertoire.entries}
    shown = trainer.shown.version
    assert shown in (left, right) and {left, right} <= kept
    event = lesson.answer(Choice.LEFT if shown == right else Choice.RIGHT)
    lesson.step()
    assert trainer.shown.version == (left if shown == right else right)
    # and back: an answer that is changed is as if it had never been another
    lesson.say(pair.id, Choice.LEFT if shown == left else Choice.RIGHT, supersedes=event.id)
    lesson.step()
    assert trainer.questioner.outcomes()[-1] == ((left, right) if shown == left else (right, left))
    assert trainer.shown.version == shown


def test_who_won_an_audition_gives_way_to_none_but_the_teacher(begin: Begin) -> None:
    lesson = begin(worth_leap=-1e9, repertoire=24)  # the least lead is enough for who may give way
    trainer, stayed, gave_way = lesson.trainer, 0, 0
    for _ in range(14):
        before = trainer.shown
        lesson.teach(1)
        outcomes = trainer.questioner.outcomes()
        won = before.version in {winner for winner, _ in outcomes}
        if won and before.version not in trainer.repertoire.beaten_by(outcomes):
            assert trainer.shown is before
            stayed += 1
        gave_way += trainer.shown is not before and not won
    assert stayed > 0 and gave_way > 0


def test_a_win_counts_for_so_many_presses(begin: Begin) -> None:
    """While the teacher presses nothing is auditioned, and practice goes on."""
    lesson = begin(worth_leap=-1e9, repertoire=24, win_holds=3)
    trainer = lesson.trainer

    def best() -> int:
        return trainer.standings().best().version

    while trainer.shown.version not in {winner for winner, _ in trainer.outcomes()} or best() == trainer.shown.version:
        lesson.teach(1)
    winner = trainer.shown
    for _ in range(2):
        lesson.press(Press.REWARD)
        lesson.step()
        assert trainer.shown is winner
    lesson.press(Press.REWARD)
    lesson.step()
    assert trainer.shown is not winner and trainer.shown.version == best()


def test_who_was_gone_back_to_is_shown_through_all_presses(begin: Begin) -> None:
    lesson = begin(worth_leap=-1e9, repertoire=24, win_holds=1)
    lesson.teach(8)
    trainer = lesson.trainer
    worst = trainer.repertoire.entries[int(np.argmin(trainer.standings().worths()))]
    lesson.steer(SteeringKind.GO_BACK, worst.version)
    lesson.step()
    assert trainer.shown is worst
    for _ in range(3):
        lesson.press(Press.REWARD)
        lesson.practise()
        assert trainer.shown is worst


def test_what_the_learned_reward_holds_for_progress_is_put_to_the_teacher(begin: Begin) -> None:
    lesson = begin(audition_gap=10**6)  # no audition but this one
    lesson.teach(8)
    trainer, counters = lesson.trainer, lesson.trainer.questioner.counters
    *earlier, newest = trainer.repertoire.entries
    *worths, reached = trainer.standings().worths()
    for entry, worth in zip(earlier, worths, strict=True):
        trainer.counters.refines, counters.progress_from = entry.version, None
        trainer._ask_about_progress()
        assert (counters.progress_from == entry.version) == (reached > worth)
    for _ in range(2):
        trainer.questioner.ask_about_progress(earlier[0].version, newest.version)
        lesson.teach(2)
    compared = [set(versions) for versions in trainer.questioner.auditioned.values()]
    assert compared.count({earlier[0].version, newest.version}) == 1, "and once"


@pytest.mark.parametrize("back", [False, True])
def test_after_a_generation_that_found_nothing_the_best_practises_on_if_wanted(begin: Begin, *, back: bool) -> None:
    lesson = begin(improvement=np.inf, longest_generation=1, back_to_best=back)  # nothing is ever enough of a find
    trainer, stretches = lesson.trainer, [(0, False)]
    for _ in range(16):
        lesson.teach(1)
        stretch = trainer.counters.generation, trainer.counters.refines is not None
        if stretch != stretches[-1]:
            stretches.append(stretch)
    generations = [number for number, _ in stretches]
    assert len(stretches) > 4 and generations == sorted(generations)
    assert [refines for _, refines in stretches] == [back and turn % 2 == 1 for turn in range(len(stretches))]


def test_an_explanation_is_what_practice_is_paid(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(1)
    clip = lesson.pairs[0].left
    explanation = lesson.trainer.explain(clip)
    np.testing.assert_allclose(explanation.mean, lesson.trainer.aim.reward(clip.observations), atol=1e-4)
    assert explanation.std.shape == explanation.mean.shape == (len(clip),)
    assert (explanation.std > 0).all()


def test_a_fall_costs_more_than_the_answers_say(begin: Begin, small: TrainerConfig) -> None:
    free, paid = (begin(fall_price=price) for price in (0.0, 0.5))
    held = (1.0 - small.discount**small.fall_hold) / (1.0 - small.discount)

    def value(trainer: Trainer, straying: float = 0.0) -> float:
        inputs = start_inputs(trainer.task, trainer.policy, 0)
        return float(trainer.aim.fall_value(trainer.policy, inputs, trainer.lying, trainer.config, straying))

    gap = value(free.trainer) - value(paid.trainer)
    assert value(free.trainer) - value(free.trainer, 0.5) == pytest.approx(gap, rel=1e-4)
    assert gap == pytest.approx(0.5 * held, rel=1e-4)


@pytest.mark.parametrize("every", [1, 2])
def test_generations_suppose_what_the_answers_leave_open(begin: Begin, every: int) -> None:
    lesson = begin(improvement=np.inf, longest_generation=6, schedule=((100, 3),), suppose_every=every)
    clip = lesson.trainer.open_pairs()[0].left  # each stretch of six iterations is a generation
    apart: dict[int, float] = {}
    for _ in range(8):
        generation = lesson.teach(1).generation
        explanation = lesson.trainer.explain(clip)
        gap = np.abs(lesson.trainer.aim.reward(clip.observations) - explanation.mean).max() / explanation.std.mean()
        apart[generation] = max(gap, apart.get(generation, 0.0))
    assert apart.keys() == {0, 1, 2, 3, 4}
    supposing = {generation for generation, gap in apart.items() if gap > 0.1}
    assert supposing == ({1, 2, 3, 4} if every == 1 else {1, 3}), apart
    assert max(apart.values()) < 5.0


def test_the_reward_has_zero_mean_and_unit_spread_over_the_first_clips(begin: Begin) -> None:
    lesson = begin()
    lesson.teach(1)
    rewards = lesson.trainer.aim.reward(lesson.trainer.questioner.broad.observations)
    assert abs(rewards.mean()) < 1e-3
    assert rewards.std() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("choice", [None, Choice.EQUAL, Choice.CANNOT_TELL])
def test_what_tells_nothing_apart_leaves_the_unit_that_the_prior_expects(begin: Begin, choice: Choice | None) -> None:
    lesson = begin()
    if choice is not None:
        lesson.answer(choice)
        lesson.practise()
    snapshot, pair = lesson.trainer.step(), lesson.trainer.open_pairs()[0]
    explained = lesson.trainer.explain(pair.left)
    assert abs(snapshot.learned_reward) < 1.0 and 1.0 < snapshot.learned_reward_std < 1000.0
    assert 0.1 < explained.std.mean() < 10.0 and abs(explained.mean).max() < 0.1


def test_a_digest_tells_the_shown_policy_and_the_model(task: Task, lesson: Lesson) -> None:
    digest = lesson.trainer.weights_digest()
    copy = Trainer.from_state(task, lesson.trainer.state())
    assert copy.weights_digest() == digest
    copy.model.posterior.weights[0] += 1e-12
    assert copy.weights_digest() != digest


def test_the_exploded_reach_neither_learner_nor_clip(begin: Begin, monkeypatch: pytest.MonkeyPatch, task: Task) -> None:
    limit = 12.0
    monkeypatch.setattr(sim.batch, "EXPLODED_SPEED", limit)
    # an audition's one clip must be had
    lesson = begin(audition_gap=10**6)
    snapshot = lesson.teach(4)
    assert snapshot.exploded > 0
    for pair in lesson.pairs.values():
        for clip in (pair.left, pair.right):
            speeds = clip.states[:, 1 + task.model.nq :][:, : task.model.nv]
            assert np.abs(speeds).max() < limit
    state = lesson.trainer.state()
    assert all(np.isfinite(array).all() for name, array in state.tensors.items() if array.dtype.kind == "f")
    assert math.isfinite(snapshot.learned_reward) and math.isfinite(snapshot.kl)


def test_a_state_is_plain(lesson: Lesson) -> None:
    state = lesson.trainer.state()
    assert json.loads(json.dumps(state.meta)) == state.meta
    assert all(isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in state.tensors.values())


@pytest.mark.parametrize("name", ["nsim", "rollout_steps", "pairs_ahead", "clip_frames", "candidates"])
def test_numbers_below_one_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0"):
        TrainerConfig(**{name: 0})


def test_events_can_be_planned_before_their_pair_is_there(begin: Begin) -> None:
    lesson = begin()
    planned = FeedbackEvent(1, 0, Choice.LEFT)
    lesson.trainer.submit(planned, at_iteration=0)
    lesson.trainer.submit(FeedbackEvent(2, 2, Choice.RIGHT), at_iteration=2)
    assert lesson.step().events_waiting == 1
    assert lesson.practise().labels == 2
    assert lesson.taken == [(1, 0), (2, 2)]
