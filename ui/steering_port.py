"""What the window needs of the program to steer practice, as a protocol."""

from typing import Protocol

from learning.messages import PenaltyMode, Steering


class SteeringPort(Protocol):
    """What a person can do about practice itself."""

    def measure_from(self, version: int) -> None:
        """The policy of this version is the reference of the meter. Raises UserError if it cannot be stored."""
        ...

    def go_back(self, version: int) -> None:
        """The policy of this version is shown and practises on. Raises UserError if it cannot be stored."""
        ...

    def ask_fresh(self) -> None:
        """The next pairs to be made compare what is shown now with other policies. Raises UserError."""
        ...

    def compare(self, version: int) -> None:
        """The next pair to be made compares the shown policy with the one of this version. Raises UserError."""
        ...

    def set_penalty(self, mode: PenaltyMode, value: float | None) -> None:
        """What straying from the reference costs from now on, see `Steering`. Raises UserError."""
        ...

    def penalty(self) -> tuple[PenaltyMode, float | None]:
        """As it was set last."""
        ...

    def undo(self) -> Steering | None:
        """Takes the newest of these three back; returns it."""
        ...

    @property
    def newest(self) -> Steering | None:
        """The one that `undo` would take back."""
        ...
