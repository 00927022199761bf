"""The command line as a call of one of the commands. What is wrong with it becomes one sentence."""

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args, get_type_hints

import tyro
from tyro._errors import on_parse_error
from tyro.conf import Positional, arg

from app.arguments import quoted
from app.cli.commands import COMMANDS
from app.cli.help_page import DESCRIPTION, caught, fitted
from app.cli.refusal import refuse
from app.errors import UsageError
from app.output import OK
from app.paths import APP, installed_version
from sim.errors import did_you_mean

HELP, HELP_COMMAND, VERSION = ("--help", "-h"), "help", ("--version", "-V")
PRINT_COMPLETION = "--tyro-print-completion"
POSITIONAL: Any = get_args(Positional[int])[1]
NAMED: Any = type(arg())
"""How tyro marks an argument that has no option, and one whose option has another name."""
Shell = Literal["bash", "zsh", "fish"]


def completion(shell: Positional[Shell]) -> int:
    """Print a script that completes commands and options with the Tab key.

    For bash: `backflip completion bash > ~/.local/share/bash-completion/completions/backflip`.

    Args:
        shell: The shell that reads the script.
    """
    with caught() as page, contextlib.suppress(SystemExit):
        _tyro([PRINT_COMPLETION, shell])
    print(page.getvalue(), end="")
    return OK


ALL: tuple[Callable[..., int], ...] = (*COMMANDS, completion)
NAMES = tuple(command.__name__ for command in ALL)


def parse(arguments: Sequence[str]) -> Callable[[], int]:
    """What `arguments` ask for, ready to be called: a command, the window, help, or the version.

    Raises:
        UsageError: they name no command, or one that does not take them.
    """
    if not arguments:
        return _open_window
    if arguments[0] in VERSION:
        return _tell_version
    if arguments[0] == HELP_COMMAND:
        arguments = [*arguments[1:2], HELP[0]]
    first = arguments[0]
    if first.startswith("-") and first not in HELP:
        hint = did_you_mean(first, (*HELP, *VERSION))
        raise UsageError(f"Unknown option {quoted(first)}: {hint}A command comes first, one of {', '.join(NAMES)}.")
    if first not in (*NAMES, *HELP):
        hint = did_you_mean(first, (*NAMES, HELP_COMMAND))
        raise UsageError(f"No command {quoted(first)}: {hint}There are {', '.join(NAMES)}.")
    options = options_of(ALL[NAMES.index(first)]) if first in NAMES else ()
    with caught() as page, on_parse_error(lambda event: refuse(event, first, options)):
        try:
            call: Callable[[], int] = _tyro(arguments)
        except SystemExit:
            return functools.partial(_show, page.getvalue())
    return call


def options_of(command: Callable[..., int]) -> tuple[str, ...]:
    """The options that a command takes, as they are typed."""
    found = []
    for name, hint in get_type_hints(command, include_extras=True).items():
        extras = getattr(hint, "__metadata__", ())
        if name == "return" or POSITIONAL in extras:
            continue
        given = next((extra.name for extra in extras if isinstance(extra, NAMED) and extra.name), name)
        found.append("--" + given.replace("_", "-"))
    return (*found, HELP[0])


def _tyro(arguments: Sequence[str]) -> Any:
    """Has tyro read the command line."""
    app = tyro.extras.SubcommandApp()
    for command in ALL:
        app.command(_later(command))
    return app.cli(prog=APP, description=DESCRIPTION, args=list(arguments), config=(tyro.conf.FlagCreatePairsOff,))


def _later(command: Callable[..., int]) -> Callable[..., Callable[[], int]]:
    """The same signature; gives the call instead of making it, so that parsing and running fail apart."""

    @functools.wraps(command)
    def bind(*positional: Any, **named: Any) -> Callable[[], int]:
        return functools.partial(command, *positional, **named)

    return bind


def _open_window() -> int:
    from app.desktop import run_desktop

    return run_desktop()


def _tell_version() -> int:
    print(f"{APP} {installed_version() or 'of a folder that is not installed'}")
    return OK


def _show(page: str) -> int:
    print(fitted(page))
    return OK
