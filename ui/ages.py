"""How long ago something was, in words."""

from datetime import datetime

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
DATE_AFTER = 7 * DAY
"""Longer ago, the date says more."""


def age(then: float, now: float) -> str:
    """How long before `now` something was at `then`, both in seconds since the epoch.

    A clock that was set back gives a `then` in the future: that was just now.
    """
    gone = now - then
    if gone < MINUTE:
        return "just now"
    if gone < HOUR:
        return f"{int(gone // MINUTE)} min ago"
    days = (datetime.fromtimestamp(now).date() - datetime.fromtimestamp(then).date()).days
    if days == 0 or gone < HOUR * 12:
        return f"{int(gone // HOUR)} h ago"
    if days == 1:
        return "yesterday"
    if gone < DATE_AFTER:
        return f"{days} days ago"
    when = datetime.fromtimestamp(then)
    this_year = when.year == datetime.fromtimestamp(now).year
    return f"{when.day} {when:%B}" if this_year else f"{when.day} {when:%B %Y}"
