"""The program behind the window: tasks, sessions and settings."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from app import catalogue, doctor
from app.desk import SessionDesk
from app.errors import ForeignSessionError, SessionError, StorageError
from app.lock import LOCK_FILE, SOFT_LOCK_FILE, FolderLock
from app.paths import sessions_dir, settings_file
from app.session import NewSession, Session, free_path
from app.settings import Settings
from app.trainers import LearningTrainers, Trainers
from app.watching import ReactionTime
from sim.registry import get_task, task_names
from sim.task import Task
from ui.ports import SessionCard, SessionSummary

REACTION = "reaction"
"""The setting that keeps the person's reaction time."""


class Studio:
    """The program behind the window (`ui.ports.StudioPort`)."""

    def __init__(self, trainers: Trainers | None = None, folder: Path | None = None) -> None:
        """Loads nothing heavy.

        Args:
            trainers: makes the trainers of all sessions.
            folder: where sessions are; None is the usual place.
        """
        self._trainers = trainers or LearningTrainers()
        self._folder = folder or sessions_dir()
        self._settings = Settings(Path(os.path.realpath(settings_file())))
        self._open: SessionDesk | None = None

    def tasks(self) -> list[Task]:
        """All tasks, in the order they are shown."""
        return [get_task(name) for name in task_names()]

    def sessions(self) -> list[SessionCard]:
        """All sessions in the usual place, newest first."""
        return catalogue.cards(self._folder, self._trainers.refusal)

    def summary(self, path: Path) -> SessionSummary:
        """What is in a session, whether or not it can be opened."""
        return catalogue.summary(path)

    def new_session(self, task_name: str) -> SessionDesk:
        """Makes a session and opens it."""
        return self._started(Session.create(free_path(self._folder, task_name), NewSession(task_name)))

    def open_session(self, path: Path) -> SessionDesk:
        """Opens a session, unless this program cannot go on with it."""
        problem = catalogue.problem_of(path, self._trainers.refusal)
        if problem is not None:
            raise ForeignSessionError(problem)
        return self._started(Session(path))

    def delete_session(self, path: Path) -> None:
        """Deletes a session's folder, unless it is open somewhere; of a link, the link and nothing else.

        Raises:
            UserError: it is no session, open, or cannot be deleted.
        """
        card = catalogue.card(path, self._trainers.refusal)
        if card is None:
            raise SessionError(f"'{path}' is no session: nothing was deleted.")
        if not card.deletable:
            raise SessionError(f"{card.problem} Nothing was deleted.")
        linked = path.is_symlink()
        if not linked or any(os.path.lexists(path / name) for name in (LOCK_FILE, SOFT_LOCK_FILE)):
            with suppress(StorageError):  # who cannot lock it cannot have it open either
                FolderLock(path).release()
        try:
            if linked:
                path.unlink()
            else:
                shutil.rmtree(path)
        except OSError as error:
            raise StorageError(f"'{path}' could not be deleted: {error.strerror}.") from error

    def setting(self, key: str) -> object:
        """A setting, or None."""
        return self._settings.get(key)

    def set_setting(self, key: str, value: object) -> None:
        """Keeps a setting."""
        self._settings.set(key, value)

    def reaction(self) -> tuple[float, float] | None:
        """The person's reaction time: median in seconds, and standard deviation of its logarithm."""
        known = self._known_reaction()
        return None if known is None else (known.median, known.spread)

    def calibrate(self, seconds: list[float]) -> tuple[float, float]:
        """Keeps the reaction time that these reactions speak for."""
        found = ReactionTime.of(seconds)
        self._settings.set(REACTION, {"median": found.median, "spread": found.spread})
        return found.median, found.spread

    def about(self) -> str:
        """Versions and what this machine can do."""
        return doctor.as_text(doctor.examine(try_opengl=False))

    def close(self) -> None:
        """Closes the session that is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _started(self, session: Session) -> SessionDesk:
        self.close()
        self._open = SessionDesk(session, self._trainers, self._known_reaction)
        return self._open

    def _known_reaction(self) -> ReactionTime | None:
        """The person's, if it was ever measured and makes sense."""
        match self._settings.get(REACTION):
            case {"median": float(median), "spread": float(spread)} if 0.05 < median < 5.0 and 0.01 < spread < 2.0:
                return ReactionTime(median, spread)
        return None
