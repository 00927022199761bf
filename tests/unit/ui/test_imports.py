"""The window opens fast: its modules load neither torch nor the database."""

import pkgutil
import subprocess
import sys

import ui

CHECK = """
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
found = {{"torch", "sqlalchemy", "alembic", "app", "onnx"}} & set(sys.modules)
sys.exit(f"loaded: {{found}}" if found else 0)
"""


def test_no_module_of_the_window_loads_torch_or_sql() -> None:
    names = [module.name for module in pkgutil.walk_packages(ui.__path__, "ui.")]
    assert "ui.main_window" in names and "ui.teach.screen" in names
    done = subprocess.run(
        [sys.executable, "-c", CHECK.format(names=names)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
