"""What can go wrong with a session, as one sentence each."""

from sim.errors import PassingError, UserError


class UsageError(UserError):
    """An argument on the command line has a value that cannot be used."""


class SessionError(UserError):
    """A session folder cannot be opened or made."""


class ForeignSessionError(SessionError):
    """The folder is no session of ours, of another model, or of a newer version."""


class DamagedSessionError(SessionError):
    """The session's database or header cannot be read."""


class SessionBusyError(SessionError):
    """Another program has the session open."""


class StorageError(UserError):
    """Something could not be written: disk full, not permitted, taken away."""


class HeldDatabaseError(StorageError, PassingError):
    """Another program holds the session's database: nothing was stored, and trying again soon may help."""


class CheckpointError(UserError):
    """A checkpoint file is truncated, altered, or of another session."""


class AnswerError(UserError):
    """An answer does not fit what was offered or answered before."""
