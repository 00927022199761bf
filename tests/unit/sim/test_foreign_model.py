"""A model that somebody sent is compiled where it can do no harm."""

from pathlib import Path

import pytest

from sim.foreign_model import ForeignModelError, examine_model
from sim.registry import get_task

OUTSIDE = "/etc/hostname"


def test_a_model_of_ours_is_told_by_its_sizes() -> None:
    task = get_task("hopper-hop")
    found = examine_model(task.model_xml.encode())
    assert (found.nq, found.nv, found.nu) == (task.model.nq, task.model.nv, task.model.nu)


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("", "no XML"),
        ("<mujoco>", "no XML"),
        ("<house/>", "does not compile"),
        (f'<mujoco><include file="{OUTSIDE}"/></mujoco>', "element <include>"),
        (f'<mujoco><asset><mesh file="{OUTSIDE}"/></asset></mujoco>', f"names '{OUTSIDE}' in 'file'"),
        ('<mujoco><compiler meshdir="/"/></mujoco>', "'meshdir'"),
        ('<mujoco><extension><plugin plugin="x"/></extension></mujoco>', "<extension>"),
        (f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{OUTSIDE}">]><mujoco>&a;</mujoco>', "document type"),
        ("<mujoco><worldbody>" + "<body>" * 5000 + "</body>" * 5000 + "</worldbody></mujoco>", "does not compile"),
        ('<mujoco><size memory="900G"/></mujoco>', "memory"),
        ('<mujoco><size nuserdata="300000000"/></mujoco>', "memory"),
        ("<mujoco>" + " " * (5 << 20) + "</mujoco>", "wanted at most"),
    ],
)
def test_a_model_that_asks_for_more_is_refused_in_one_line(xml: str, words: str) -> None:
    with pytest.raises(ForeignModelError, match=words) as caught:
        examine_model(xml.encode())
    assert "\n" not in str(caught.value)


def test_a_model_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sim.foreign_model.WALL_SECONDS", 1.5)
    monkeypatch.chdir(tmp_path)
    endless = '<replicate count="100000000"><geom size="1"/></replicate>'
    with pytest.raises(ForeignModelError, match=r"did not compile within|ended its process|memory"):
        examine_model(f"<mujoco><worldbody>{endless}</worldbody></mujoco>".encode())
    assert not list(tmp_path.iterdir()), "nothing is left where the program was started"
