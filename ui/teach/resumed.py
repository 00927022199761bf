"""What opening a session has restored, in one line that stays until the next label."""

from PySide6.QtWidgets import QLabel

from ui.controls import label
from ui.ports import Resumed
from ui.readings import feedback_words


class ResumedLine:
    """The line, and when it is seen."""

    def __init__(self) -> None:
        """Hidden until something was restored."""
        self.label: QLabel = label("", "muted", name="resumed", wraps=True)
        self.restart()

    def restart(self) -> None:
        """Another session."""
        self._told: Resumed | None = None
        self.label.hide()

    def look(self, resumed: Resumed | None, labels: int) -> None:
        """Shows it while no label has come or gone.

        Args:
            resumed: what was restored; None if nothing was, or it is not known yet.
            labels: in force now.
        """
        if resumed is None or (self._told is None and labels != resumed.labels):
            return
        if resumed != self._told:
            self._told = resumed
            self.label.setText(resumed_words(resumed))
        self.label.setVisible(labels == resumed.labels)


def resumed_words(resumed: Resumed) -> str:
    """Returns what was restored, and what happens next."""
    labels, behind = feedback_words(resumed.labels), resumed.labels - resumed.policy_labels
    if behind <= 0:
        return f"Restored: {labels}, and the training on all of them. Your next answer continues from there."
    if resumed.policy_labels > 0:
        return (
            f"Restored: {labels}, and the policy as it was after {resumed.policy_labels} of them. The robot trains on"
            f" the other {behind} again, and learning continues from there."
        )
    return f"Restored: {labels}. The policy is trained on them again, and learning continues from there."
