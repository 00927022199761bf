"""What the tests of several parts share: an isolated home, and a renderer that really draws."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.backends import NoRendererError, Quality, probe
from sim.render import SceneRenderer, create_renderer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An isolated home for everything the program keeps."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BACKFLIP_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def real_renderer() -> Iterator[SceneRenderer]:
    """The program's own; tests that need it are skipped on machines that cannot draw."""
    try:
        probe()
    except NoRendererError as error:
        pytest.skip(str(error))
    with create_renderer(Quality()) as made:
        yield made
