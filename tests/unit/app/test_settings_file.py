"""Settings: several programs at once, newer programs, files that are none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import StorageError
from app.lock import brief_lock
from app.settings import SESSION_KINDS, Kinds, Settings

COUNT = 40
WRITE = f"""
import sys
from pathlib import Path
from app.settings import Settings
settings = Settings(Path(sys.argv[1]))
for number in range({COUNT}):
    settings.set(f"{{sys.argv[2]}}-{{number}}", number)
"""


@pytest.mark.parametrize(("kinds", "key", "value"), [(None, "theme", "dark"), (SESSION_KINDS, "labels", 30)])
def test_what_another_program_set_meanwhile_stays(tmp_path: Path, kinds: Kinds | None, key: str, value: object) -> None:
    path = tmp_path / "settings.json"
    first, second = (Settings(path, kinds) if kinds else Settings(path) for _ in range(2))
    first.set(key, value)
    second.set("other", {"x": 1})
    assert json.loads(path.read_text()) == {"schema": 1, key: value, "other": {"x": 1}}
    assert second.get(key) == value


def test_two_programs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    programs = [subprocess.Popen([sys.executable, "-c", WRITE, str(path), name]) for name in "ab"]
    assert [program.wait(60) for program in programs] == [0, 0]
    kept = json.loads(path.read_text())
    assert {name for name in kept if name != "schema"} == {f"{name}-{each}" for name in "ab" for each in range(COUNT)}


def test_a_newer_programs_settings_and_schema_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    newer = {"schema": 7, "theme": "high-contrast", "future": [1, {"a": None}]}
    path.write_text(json.dumps(newer))
    settings = Settings(path)
    assert settings.get("theme") is None, "not a theme of this program"
    settings.set("speed", 0.5)
    assert json.loads(path.read_text()) == newer | {"speed": 0.5}


def test_settings_are_written_without_a_lock_where_none_can_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.settings.LOCK_SECONDS", 0.05)
    settings = Settings(tmp_path / "settings.json")
    with brief_lock(tmp_path / ".settings.json.lock", 0.0) as held:
        assert held
        settings.set("theme", "dark")
    assert Settings(tmp_path / "settings.json").get("theme") == "dark"


def test_what_could_not_be_written_is_written_with_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a file" / "settings.json"
    path.parent.write_text("in the way")
    settings = Settings(path)
    with pytest.raises(StorageError):
        settings.set("theme", "dark")
    assert settings.get("theme") == "dark"
    path.parent.unlink()
    settings.set("speed", 0.5)
    assert json.loads(path.read_text()) == {"schema": 1, "theme": "dark", "speed": 0.5}


def test_a_link_to_somebodys_file_is_no_settings_file(tmp_path: Path) -> None:
    precious, path = tmp_path / "precious.json", tmp_path / "settings.json"
    precious.write_text('{"labels": 3}')
    path.symlink_to(precious)
    settings = Settings(path, SESSION_KINDS)
    assert settings.get("labels") is None
    settings.set("labels", 5)
    assert precious.read_text() == '{"labels": 3}'
