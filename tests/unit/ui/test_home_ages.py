"""How long ago, in words."""

from datetime import datetime

import pytest

from ui.ages import age

NOW = datetime(2026, 3, 12, 15, 30).timestamp()


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (datetime(2026, 3, 12, 15, 29, 30), "just now"),
        (datetime(2026, 3, 12, 15, 29), "1 min ago"),
        (datetime(2026, 3, 12, 14, 31), "59 min ago"),
        (datetime(2026, 3, 12, 13, 20), "2 h ago"),
        (datetime(2026, 3, 12, 0, 10), "15 h ago"),
        (datetime(2026, 3, 11, 23, 50), "yesterday"),
        (datetime(2026, 3, 11, 1, 0), "yesterday"),
        (datetime(2026, 3, 9, 20, 0), "3 days ago"),
        (datetime(2026, 2, 1, 9, 0), "1 February"),
        (datetime(2025, 12, 24, 18, 0), "24 December 2025"),
        (datetime(2026, 3, 12, 15, 45), "just now"),
    ],
)
def test_an_age_is_as_exact_as_anyone_cares_for(when: datetime, said: str) -> None:
    assert age(when.timestamp(), NOW) == said


def test_last_evening_is_hours_ago_just_after_midnight() -> None:
    after_midnight = datetime(2026, 3, 12, 1, 0).timestamp()
    assert age(datetime(2026, 3, 11, 22, 0).timestamp(), after_midnight) == "3 h ago"
