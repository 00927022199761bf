"""What is wrong with a command line, as one sentence, from what tyro found while it read it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from tyro import _errors as found

from app.arguments import quoted
from app.errors import UsageError
from sim.errors import did_you_mean

if TYPE_CHECKING:
    from tyro._arguments import ArgumentDefinition


def refuse(event: found.ParseErrorEvent, command: str, options: Sequence[str]) -> NoReturn:
    """Says what is wrong.

    Args:
        event: from tyro's parser.
        command: whose arguments are wrong.
        options: that it takes.

    Raises:
        UsageError: always.
    """
    raise UsageError(f"{_sentence(event, command, options)} (`backflip {command} --help` tells more.)")


def _sentence(event: found.ParseErrorEvent, command: str, options: Sequence[str]) -> str:
    if isinstance(event, found.UnrecognizedArgs):
        return _unknown(event.tokens, command, options)
    if isinstance(event, found.MissingArgs):
        if any(token.startswith("-") for token in event.unrecognized_tokens):
            return _unknown(event.unrecognized_tokens, command, options)
        names = " and ".join(_name(missing.arg) for missing in event.missing_arguments)
        return f"`backflip {command}` needs {names}."
    if isinstance(event, found.InvalidChoice):
        hint = did_you_mean(event.value, event.choices)
        return f"{_name(event.argument)} is {quoted(event.value)}: {hint}Wanted one of {', '.join(event.choices)}."
    if isinstance(event, found.BadValue):
        return f"{_name(event.argument)} needs {'no' if event.offending_value else 'a'} value."
    if isinstance(event, found.InstantiationFailure) and event.argument is not None:
        return f"{_name(event.argument)} is {event.message}."
    return f"`backflip {command}` cannot be called like this."


def _unknown(tokens: Sequence[str], command: str, options: Sequence[str]) -> str:
    typed = next((token for token in tokens if token.startswith("-")), tokens[0])
    if not typed.startswith("-"):
        return f"{quoted(typed)} is one argument too many for `backflip {command}`."
    name = typed.partition("=")[0]
    hint = did_you_mean(name, options)
    return f"`backflip {command}` has no option {quoted(name)}: {hint}There are {', '.join(options)}."


def _name(argument: "ArgumentDefinition") -> str:
    """What an argument is called on the command line."""
    if argument.is_positional():
        return argument.field.intern_name.upper()
    return argument.lowered.name_or_flags[-1]
