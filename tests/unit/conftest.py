"""What tests share: an isolated home, a renderer that really draws, and garbage that is kept off their threads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.garbage import collect_due, collected_here
from sim.backends import NoRendererError, Quality, probe
from sim.render import SceneRenderer, create_renderer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An isolated home for everything the program keeps."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BACKFLIP_HOME", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def _garbage_of_one_thread() -> Iterator[None]:
    """As in the window: what one test leaves of its widgets is not destroyed on a thread of the next."""
    with collected_here():
        yield


@pytest.fixture(autouse=True)
def _garbage_collected() -> Iterator[None]:
    """Between two tests."""
    yield
    collect_due()


@pytest.fixture(scope="session")
def real_renderer() -> Iterator[SceneRenderer]:
    """The program's own; tests that need it are skipped on machines that cannot draw."""
    try:
        probe()
    except NoRendererError as error:
        pytest.skip(str(error))
    with create_renderer(Quality()) as made:
        yield made
