"""One kill at a named crash point, whichever it is: what has to be done so that the program passes it."""

import ast
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from app.crash_points import VARIABLE, crash_point
from app.session import DATABASE, Session
from tests.e2e.command import TASK
from tests.e2e.killing import Kill, Rows, checked, committed
from tests.e2e.warm import Ended, Warm

ROOT = Path(__file__).resolve().parents[2]
KILLED = -9
"""The exit status of what SIGKILL ended."""
BASE_LABELS = 2
"""The number of labels of the sessions that are killed, before that."""
BASES = {"taught": ("oracle", "compare", 0.0), "pressed": ("presser", "press", 0.06)}
"""The sessions that are killed: who teaches them, by what, and for how many minutes; 0 counts labels."""
MORE_MINUTES = 0.1
"""The minutes of presses in which a kill may come."""
COMMITTED = "committed"
"""The last word of a point that stands right after a commit of what a teacher said."""
LATER_TURNS = {"clip written": 2, "file written": 4}
"""Points at which a later pass is the more telling one: after the second clip of a pair, and in a session's header."""


def points_in_source() -> tuple[str, ...]:
    """The names of all crash points, in the order of the files.

    Raises:
        AssertionError: a name is not a plain string, or stands in two places.
    """
    names: list[str] = []
    for file in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == crash_point.__name__:
                (name,) = node.args
                assert isinstance(name, ast.Constant) and isinstance(name.value, str), f"{file}: {ast.dump(node)}"
                assert name.value not in names, f"'{name.value}' stands in two places"
                names.append(name.value)
    return tuple(names)


class PointVictim:
    """Sessions that are killed at named points. `taught` and `pressed` are copied for each three of them."""

    def __init__(self, warm: Warm, folder: Path, first_round: int = 0) -> None:
        """Makes both sessions, unless `folder` has them; its copies are numbered after `first_round`."""
        self.warm, self.folder, self.home = warm, folder, folder / "home"
        self._bases = folder / "bases"
        self._bundle = folder / "bundle"
        self._round = first_round
        self.sessions: list[Path] = []
        """The sessions that were killed since the last `renew`, the last one last."""
        for name, (teacher, feedback, minutes) in BASES.items():
            path = self._bases / name
            if not (path / "exports").exists() or not any((path / "exports").iterdir()):
                shutil.rmtree(path, ignore_errors=True)
                about = (path, TASK, teacher, BASE_LABELS, feedback, minutes)
                self._done(*about, function="tests.e2e.revising:make")
                self._done("resume", path)
        self._courses: dict[str, Callable[[str], tuple[Path, Rows, Ended]]] = {
            "compare": self._compare,
            "create": self._create,
            "press": self._press,
            "revise": self._revise,
            "export": self._export,
            "other course": self._other_course,
        }
        self._passed_by = {
            "database made": "create", "session written": "create", "setting written": "create",
            "trainer recorded": "create", "file written": "create",
            "moments written": "press", "press committed": "press",
            "one of several labels written": "revise", "several labels committed": "revise",
            "change of a press committed": "revise", "steering committed": "revise",
            "bundle written": "export", "old bundle set aside": "export", "bundle in place": "export",
            "record half forgotten": "other course", "record forgotten": "other course",
        }  # fmt: skip
        """The course that passes a point; for one that is not here, all are tried."""

    def renew(self) -> None:
        """Puts fresh copies in the place of the sessions: a replay grows with the labels."""
        self._round += 1
        self.sessions.clear()

    def kill(self, point: str) -> Kill:
        """Lets the program run until it dies at the point, and opens what it left.

        Raises:
            AssertionError: nothing that is tried passes the point.
        """
        turn = f"{point}:{LATER_TURNS.get(point, 1)}"
        first = self._passed_by.get(point, "compare")
        for course in sorted(self._courses, key=lambda name: name != first):
            path, before, ended = self._courses[course](turn)
            if ended.returncode == KILLED:
                break
        else:
            raise AssertionError(f"no process that was tried passes '{point}': {ended.stderr}")
        made = path.exists()
        if not made:  # it is made as if nothing had been
            path, before, ended = self._courses[course]("")
            assert ended.returncode == 0, ended.stderr
        if path in self.sessions:
            self.sessions.remove(path)
        self.sessions.append(path)
        kill = checked(course, point, path, before, before)
        gained = len(committed(path / DATABASE)) - len(before) if made else 0
        # whatever was committed right before the point counts as acknowledged
        lost = int(point.endswith(COMMITTED) and gained == 0)
        return replace(kill, gained=gained, lost=kill.lost + lost)

    def _done(self, *arguments: object, **more: str) -> None:
        done = self.warm.run(self.home, *arguments, **more)
        assert done.returncode == 0, done.stderr

    def _copy(self, base: str) -> Path:
        path = self.folder / f"{base} {self._round}"
        if not path.exists():
            shutil.copytree(self._bases / base, path, ignore=shutil.ignore_patterns("lock"))
        return path

    def _die(self, path: Path, turn: str, *arguments: object, **more: str) -> tuple[Path, Rows, Ended]:
        before = committed(path / DATABASE)
        return path, before, self.warm.run(self.home, *arguments, **more, **{VARIABLE: turn})

    def _create(self, turn: str) -> tuple[Path, Rows, Ended]:
        out = self.folder / f"created {self._round}"
        if turn and out.exists():
            shutil.rmtree(out)
        return self._die(out / "session", turn, "teach", TASK, "--labels", 1, "--out", out)

    def _compare(self, turn: str) -> tuple[Path, Rows, Ended]:
        path = self._copy("taught")
        labels = len(committed(path / DATABASE)) + 1
        return self._die(path, turn, "resume", path, "--labels", labels)

    def _press(self, turn: str) -> tuple[Path, Rows, Ended]:
        path = self._copy("pressed")
        with Session(path) as session:
            session.settings.set("minutes", session.presses.seconds_watched() / 60.0 + MORE_MINUTES)
        return self._die(path, turn, "resume", path)

    def _revise(self, turn: str) -> tuple[Path, Rows, Ended]:
        base = "pressed" if "press" in turn else "taught"
        path = self._copy(base)
        return self._die(path, turn, path, function="tests.e2e.revising:run")

    def _export(self, turn: str) -> tuple[Path, Rows, Ended]:
        path = self._copy("taught")
        if not self._bundle.exists():
            (exported,) = (self._bases / "taught" / "exports").iterdir()
            shutil.copytree(exported, self._bundle)
        found = self._die(path, turn, "resume", path, "--labels", 1, "--out", self.folder)
        self._done("play", self._bundle, "--episodes", 1)  # it is the old one or the new one
        return found

    def _other_course(self, turn: str) -> tuple[Path, Rows, Ended]:
        """Has the record say that the last label was learnt from where no trainer will come again."""
        path = self._copy("taught")
        for checkpoint in (path / "checkpoints").iterdir():
            checkpoint.unlink()
        with closing(sqlite3.connect(path / DATABASE)) as connection, connection:
            last = "(SELECT max(event_id) FROM taken_event)"
            connection.execute(f"UPDATE taken_event SET iteration = iteration + 1000 WHERE event_id = {last}")
        return self._compare(turn)
