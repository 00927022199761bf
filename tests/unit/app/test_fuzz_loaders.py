"""Files that a stranger made: every loader returns a value or refuses in one line, whatever is in them."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.benchmarks.fuzz.__main__ import LOADER_NAMES
from tests.benchmarks.fuzz.supervisor import Supervisor

CASES = 150
"""For each loader."""
SEED = 1


@pytest.fixture(scope="module")
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    with Supervisor(tmp_path_factory.mktemp("fuzz"), SEED) as supervisor:
        yield supervisor


@pytest.mark.parametrize("loader", LOADER_NAMES)
def test_it_loads_or_refuses_in_one_line(loader: str, supervisor: Supervisor) -> None:
    @settings(
        max_examples=CASES, derandomize=True, database=None, deadline=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.integers(0, 2**32))
    def load(number: int) -> None:
        outcome = supervisor.run(loader, number)
        assert outcome.right, (loader, number, outcome)

    load()


def test_every_loader_is_on_the_list() -> None:
    from tests.benchmarks.fuzz.loaders import LOADERS

    assert tuple(LOADERS) == LOADER_NAMES
