"""How clips play on the Teach screen, as the person chose it: speed, side view and depth cues, kept as settings."""

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from sim.task import Task
from ui.clip_speeds import clip_speed, keep_clip_speed
from ui.pair_player import PairPlayer
from ui.ports import StudioPort
from ui.problems import telling
from ui.teach.tour import Tour
from ui.teach.transport import Transport

SIDE_SETTING, CUES_SETTING = "side_view", "depth_cues"


class Looks(QObject):
    """Restores them, and keeps what the person chooses. The tour has cues of its own, which are not kept."""

    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence: they could not be stored."""

    def __init__(self, studio: StudioPort, player: PairPlayer, transport: Transport, tour: Tour) -> None:
        """Without a task at first."""
        super().__init__(transport)
        self._studio, self._player, self._transport, self._tour = studio, player, transport, tour
        self.task: Task | None = None
        """Whose clips play: each has a speed of its own."""
        tour.looks_changed.connect(self.restore)
        transport.looks_changed.connect(self._keep)

    @Slot()
    def restore(self) -> None:
        """Speed and cues as they are set, or as the tour wants them."""
        cues = self._tour.cues
        side_view, depth_cues = cues or (
            self._studio.setting(SIDE_SETTING) is True,
            self._studio.setting(CUES_SETTING) is not False,
        )
        self._transport.set_looks(
            clip_speed(self._studio, self.task), side_view=side_view, depth_cues=depth_cues, free=cues is None
        )

    @Slot()
    def _keep(self) -> None:
        if self.task is not None:
            with telling(self.problem):
                keep_clip_speed(self._studio, self.task, self._player.fragment_speed)
        if self._tour.cues is not None:
            return
        for key, tool in ((SIDE_SETTING, self._transport.side_view), (CUES_SETTING, self._transport.depth_cues)):
            with telling(self.problem):
                self._studio.set_setting(key, tool.isChecked())
