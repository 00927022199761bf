"""Errors that a user can cause. Each carries one complete sentence."""

import difflib
from collections.abc import Iterable

QUOTED = 200
"""Characters that are quoted of what another library says, or of what was found in a file."""


class UserError(Exception):
    """A mistake or a circumstance that the user can mend.

    The message is one line that names the file or field, the value found and the value wanted. The command line prints
    it without a traceback and exits with status 2; the window shows it as a sentence.
    """

    def __init__(self, sentence: str) -> None:
        """Names and texts in the sentence may be a stranger's: what cannot be printed is shown as an escape."""
        super().__init__(printable(sentence))


class InputError(UserError, ValueError):
    """A value handed to a function has the wrong shape, type or range, or is not finite."""


class PassingError(UserError):
    """A circumstance that may pass by itself: the same may work in a moment."""


class UnknownTaskError(UserError):
    """No task has the name that was asked for."""


class ClipError(InputError):
    """A clip cannot be used: truncated, of another model or shape, or not finite."""


def printable(text: str) -> str:
    """A text without characters that end a line or steer a terminal: they are escapes in it."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def one_line(said: object, limit: int = QUOTED) -> str:
    """What an error of another library says, or what was found in a file, to be quoted in a sentence of ours.

    Args:
        said: the error or the text.
        limit: characters after which it is cut.

    Returns:
        A line of printable characters, without a full stop at its end.
    """
    text = printable(" ".join(str(said).split()))
    return text.rstrip(".") if len(text) <= limit else cut(text, limit)


def cut(text: str, most: int) -> str:
    """The text, or its first `most` characters and three dots where it is longer."""
    return text if len(text) <= most else f"{text[:most]}..."


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A part of such a sentence: what is nearest to `word`, with a space after it; empty if nothing is near.

    Args:
        word: as the user wrote it.
        known: what there is.
        cutoff: how much alike the two must be, from 0 to 1, by `difflib`.
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"did you mean '{near[0]}'? " if near else ""
