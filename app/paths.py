"""Where the program keeps its things on this machine."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

from app.arguments import any_path, refuse
from app.errors import UsageError

APP = "backflip"
HOME_VARIABLE = "BACKFLIP_HOME"
"""Environment variable: a folder that holds everything, in place of the system's usual places."""


def installed_version() -> str | None:
    """The program's version; None where it runs from a folder that was not installed."""
    try:
        return version(APP)
    except PackageNotFoundError:
        return None


def data_dir() -> Path:
    """What must be kept: sessions. Raises UsageError, as all functions here, if the environment names no folder."""
    return _home() or _usual(platformdirs.user_data_dir(APP, appauthor=False))


def sessions_dir() -> Path:
    """Where new sessions are made."""
    return data_dir() / "sessions"


def settings_file() -> Path:
    """The program's settings. Where the user has made it a link, what that leads to: that is the user's choice."""
    return ((_home() or _usual(platformdirs.user_config_dir(APP, appauthor=False))) / "settings.json").resolve()


def log_file() -> Path:
    """The program's log."""
    return (_home() or _usual(platformdirs.user_log_dir(APP, appauthor=False))) / "backflip.log"


def _home() -> Path | None:
    given = os.environ.get(HOME_VARIABLE)
    if not given:
        return None
    try:
        return any_path(given)
    except ValueError as error:
        refuse(HOME_VARIABLE, error)


def _usual(folder: str) -> Path:
    if folder.startswith("~"):
        raise UsageError(f"This user has no home folder: set HOME, or {HOME_VARIABLE} to a folder for everything.")
    return Path(folder)
