"""Writes what each migration makes to `app/store/schemas.json`, with which every database is compared.

    .venv/bin/python tools/write_schemas.py

To be run after a migration was added; a test notices when it was not.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine  # noqa: E402

from app.store.database import REVISIONS, upgrade  # noqa: E402
from app.store.schema import SCHEMAS, describe  # noqa: E402


def main() -> None:
    """Writes the file."""
    path = ROOT / "app" / "store" / SCHEMAS
    made = {revision: schema_of(revision) for revision in REVISIONS}
    path.write_text(as_text(made), encoding="utf-8")
    print(f"'{path.relative_to(ROOT)}': {', '.join(made)}")


def schema_of(revision: str) -> dict[str, Any]:
    """What the migrations up to `revision` make, on a database in memory."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection, revision)
            driver: Any = connection.connection.driver_connection
            return describe(driver)
    finally:
        engine.dispose()


def as_text(made: dict[str, Any]) -> str:
    """One line an object, so that a change can be read."""
    revisions = []
    for revision, objects in made.items():
        lines = [f"  {json.dumps(name)}: {json.dumps(item, sort_keys=True)}" for name, item in objects.items()]
        revisions.append(_block(revision, lines))
    return "{\n" + ",\n".join(revisions) + "\n}\n"


def _block(revision: str, lines: list[str]) -> str:
    inside = ",\n".join(lines)
    return f" {json.dumps(revision)}: {{\n{inside}\n }}"


if __name__ == "__main__":
    main()
