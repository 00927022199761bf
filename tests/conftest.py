"""Each of the processes that run the tests side by side has a screen of its own: windows fight for the focus of one."""

import os
from contextlib import ExitStack

import pytest

from tools.under_xvfb import virtual_screen


def pytest_configure(config: pytest.Config) -> None:
    """Before anything of Qt is loaded."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        screens = ExitStack()
        os.environ.update(screens.enter_context(virtual_screen()))
        config.add_cleanup(screens.close)
