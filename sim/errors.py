"""Errors that a user can cause. Each carries one complete sentence."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake or a circumstance that the user can mend.

    The message is one line that names the file or field, the value found and the value wanted. The command line prints
    it without a traceback and exits with status 2; the window shows it as a sentence.
    """


class InputError(UserError, ValueError):
    """A value handed to a function has the wrong shape, type or range, or is not finite."""


class PassingError(UserError):
    """A circumstance that may pass by itself: the same may work in a moment."""


class UnknownTaskError(UserError):
    """No task has the name that was asked for."""


class ClipError(InputError):
    """A clip cannot be used: truncated, of another model or shape, or not finite."""


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A part of such a sentence: what is nearest to `word`, with a space after it; empty if nothing is near.

    Args:
        word: as the user wrote it.
        known: what there is.
        cutoff: how much alike the two must be, from 0 to 1, by `difflib`.
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"did you mean '{near[0]}'? " if near else ""
