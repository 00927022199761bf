"""Uses the window for hours and draws what grows: run by hand, prints a summary in Markdown.

    python -m tests.benchmarks.soak --hours 2 --out FOLDER

The rows, one a minute, are appended to FOLDER/soak.csv. The same command goes on where it was stopped, until the rows
come to so many hours; then it draws the picture. Growth is the median slope between any two rows of one process in the
second half of that process's rows (Theil and Sen), since the first minutes of a process fill its caches.
"""

import argparse
import csv
import itertools
import os
import shutil
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from app.bench.plot import FloatCurve, plot_medians
from tests.e2e.command import environment
from tools.under_xvfb import virtual_screen

PICTURE = Path("docs", "pictures", "soak.png")
LEAST_SECONDS = 90.0
"""A window that is opened for less notes nothing."""
TOLD = {
    "window_mib": "memory of the window, MiB",
    "trainer_mib": "memory of the trainer, MiB",
    "files": "open files of the window",
    "trainer_files": "open files of the trainer",
    "threads": "threads",
    "qt_objects": "Qt objects below the window",
    "widgets": "widgets",
    "top_level": "top-level widgets",
    "python_objects": "Python objects",
    "labels": "labels",
    "session_mib": "files of the session, MiB",
}
"""The columns that the summary tells of."""
DRAWN = ("window_mib", "trainer_mib")

Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    """All rows so far."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def runs_of(rows: Rows) -> list[Rows]:
    """The rows of each process."""
    return [list(group) for _, group in itertools.groupby(rows, key=lambda row: row["run"])]


def hours_in(rows: Rows) -> float:
    """The hours that the rows come to."""
    return sum(float(run[-1]["minutes"]) for run in runs_of(rows)) / 60.0


def growth_per_hour(rows: Rows, column: str) -> float:
    """The median slope of a column through the second half of each process's rows."""
    slopes = [
        60.0 * (float(later[column]) - float(row[column])) / (float(later["minutes"]) - float(row["minutes"]))
        for run in runs_of(rows)
        for row, later in itertools.combinations(run[len(run) // 2 :], 2)
        if later["minutes"] != row["minutes"]
    ]
    return statistics.median(slopes) if slopes else float("nan")


def summary(rows: Rows) -> str:
    """A table in Markdown."""
    runs = runs_of(rows)
    longest = max(runs, key=len)
    reopened, exported = (sum(int(run[-1][column]) for run in runs) for column in ("reopened", "exported"))
    lines = [
        f"{hours_in(rows):.2f} hours, {len(runs)} starts of the window, {reopened} reopenings, {exported} exports.",
        "First and last are of the longest run.",
        "",
        "| what | first | last | growth per hour |",
        "|---|---|---|---|",
    ]
    for column, what in TOLD.items():
        grown = growth_per_hour(rows, column)
        lines.append(f"| {what} | {longest[0][column]} | {longest[-1][column]} | {grown:+.1f} |")
    return "\n".join(lines)


def draw(rows: Rows, path: Path) -> None:
    """Memory of both processes over time, a thin line for each run of the window."""

    def curves(column: str) -> list[FloatCurve]:
        return [[(float(row["minutes"]), float(row[column])) for row in run] for run in runs_of(rows)]

    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = {TOLD[column]: curves(column) for column in DRAWN}
    plot_medians(drawn, path, f"{hours_in(rows):.1f} hours of use", "minutes since the start of the window", "MiB")


def main() -> int:
    """Soaks, draws and tells; returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--out", type=Path, required=True, help="where the rows and the home are kept")
    asked = parser.parse_args()
    out = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    path = out / "soak.csv"
    with ExitStack() as stack:
        screen = stack.enter_context(virtual_screen()) if shutil.which("Xvfb") else {}
        while (left := 3600.0 * (asked.hours - hours_in(read(path)))) > LEAST_SECONDS:
            before = len(read(path))
            done = subprocess.run(
                [sys.executable, "-m", "tests.e2e.window_soaker", str(out / "home"), str(path), str(left)],
                env=environment(out / "home", **screen),
                check=False,
            )
            if done.returncode != 0 or len(read(path)) == before:
                print(f"the window ended with status {done.returncode}", file=sys.stderr)
                return 1
    rows = read(path)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    draw(rows, PICTURE)
    print(summary(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
