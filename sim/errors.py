"""Errors that a user can cause. Each carries one complete sentence."""


class UserError(Exception):
    """A mistake or a circumstance that the user can mend.

    The message is one line that names the file or field, the value found and the value wanted. The command line prints
    it without a traceback and exits with status 2; the window shows it as a sentence.
    """


class UnknownTaskError(UserError):
    """No task has the name that was asked for."""


class ClipError(UserError):
    """A clip file cannot be used: truncated, of another model, or not finite."""
