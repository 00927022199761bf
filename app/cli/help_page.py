"""Help that fits the terminal, from 40 columns on, without colours."""

import contextlib
import io
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator

DESCRIPTION = """\
Teach a simulated robot by feedback: choose between clips, and watch it learn.

Without a command, the desktop opens. The commands do the same work without a window. `backflip help COMMAND` tells \
more of one, `backflip --version` prints the version, and `backflip completion SHELL` prints a script for the Tab key.

Examples:

  backflip                                                    open the desktop
  backflip teach hopper-backflip --labels 200 --out first     let a simulated teacher teach
  backflip teach hopper-backflip --feedback press --teacher presser --minutes 10
  backflip resume first/session --labels 300                  go on with that session
  backflip play first/bundle --video backflip.mp4             score the policy, and film it
  backflip replay first/session --check                       the same weights again, from the labels alone
  backflip lab pressure first/session                         how much optimisation the learned reward withstands
  backflip doctor                                             what this machine can do

Exit status: 0 done, 1 an error of ours or a replay that parts, 2 a mistake that you can mend, 130 stopped.
"""
NARROWEST, WIDEST = 40, 200
"""Columns."""
COLUMNS = "COLUMNS"
"""Environment variable: how wide a terminal is."""
FRAME = ("╭", "│", "╰", "+", "|")
"""How lines of tyro's boxes begin, which fit already."""
COMMANDS = re.compile(r"\{[^}]*completion[^}]*\}")
"""All commands, in the line of usage."""


class Page(io.StringIO):
    """Catches what tyro prints. Frames are of lines where the real stdout can write them, and of `+-|` elsewhere."""

    def __init__(self, encoding: str) -> None:
        """`encoding` is that of the real stdout."""
        super().__init__()
        self._encoding = encoding.lower()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Tyro looks at this."""
        return self._encoding


@contextlib.contextmanager
def caught() -> Iterator[Page]:
    """Catches what is printed while this is used, in lines of `width()`."""
    page, before = Page(getattr(sys.stdout, "encoding", None) or "ascii"), os.environ.get(COLUMNS)
    os.environ[COLUMNS] = str(width())  # tyro looks there first
    try:
        with contextlib.redirect_stdout(page):
            yield page
    finally:
        if before is None:
            del os.environ[COLUMNS]
        else:
            os.environ[COLUMNS] = before


def width() -> int:
    """Columns that help fills."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)


def fitted(text: str) -> str:
    """Help as tyro prints it, with all that is not in a frame wrapped as well."""
    columns = width()
    lines: list[str] = []
    paragraph: list[str] = []

    def end_paragraph() -> None:
        lines.extend(textwrap.wrap(" ".join(paragraph), columns, break_on_hyphens=False))
        paragraph.clear()

    for line in COMMANDS.sub("COMMAND ...", text).splitlines():
        line = line.rstrip()
        if line and not line.startswith((*FRAME, " ")):
            paragraph.append(line)
            continue
        end_paragraph()
        if not line and lines and not lines[-1]:
            continue
        if line.startswith(" ") and len(line) > columns:
            example, _, meaning = line.strip().partition("   ")
            lines += textwrap.wrap(
                example, columns, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False
            )
            lines += textwrap.wrap(meaning.strip(), columns, initial_indent="      ", subsequent_indent="      ")
        else:
            lines.append(line)
    end_paragraph()
    return "\n".join(lines).rstrip()
