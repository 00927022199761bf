"""Where the program keeps its things on this machine."""

import os
from pathlib import Path

import platformdirs

APP = "backflip"
HOME_VARIABLE = "BACKFLIP_HOME"
"""Environment variable: a folder that holds everything, in place of the system's usual places."""


def data_dir() -> Path:
    """What must be kept: sessions."""
    return _home() or Path(platformdirs.user_data_dir(APP, appauthor=False))


def sessions_dir() -> Path:
    """Where new sessions are made."""
    return data_dir() / "sessions"


def settings_file() -> Path:
    """The program's settings."""
    return (_home() or Path(platformdirs.user_config_dir(APP, appauthor=False))) / "settings.json"


def log_file() -> Path:
    """The program's log."""
    return (_home() or Path(platformdirs.user_log_dir(APP, appauthor=False))) / "backflip.log"


def _home() -> Path | None:
    given = os.environ.get(HOME_VARIABLE)
    return Path(given).expanduser() if given else None
