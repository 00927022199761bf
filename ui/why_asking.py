"""Asking the reward model about a pair, for a panel that shows what it says."""

from learning.messages import Pair, PairExplanation
from ui.ports import SessionPort, WorkerStatus
from ui.why_curve import ASKING, NOT_NOW, WhyPanel


def ask_why(session: SessionPort | None, pair: Pair | None, panel: WhyPanel, *, answered: bool = False) -> None:
    """Has `panel` show what the reward model says of `pair`, unless it shows another one by then.

    Args:
        session: whose reward model is asked; None asks nothing.
        pair: what is on the screen; None asks nothing.
        panel: shows the answer, or why there is none.
        answered: whether the pair was answered before.

    Raises:
        UserError: the pair's clips are lost.
    """
    if session is None or pair is None:
        return
    panel.pair_id = pair.id
    if session.status in (WorkerStatus.FAILED, WorkerStatus.STOPPED):
        panel.say(NOT_NOW)
        return

    def tell(explanation: PairExplanation) -> None:
        if panel.pair_id == pair.id:
            panel.show_explanation(explanation, pair.left.control_dt, answered=answered)

    panel.say(ASKING)
    session.explain(pair.id, tell)
