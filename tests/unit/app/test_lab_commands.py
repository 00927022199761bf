"""`backflip lab` refuses nonsense in one line, before it begins anything."""

import pytest

from app.cli import MISTAKE, run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pressure",), "needs a session"),
        (("pressure", "here", "--targets", "3,2,1,0"), "rising numbers"),
        (("pressure", "here", "--iterations", "0"), "--iterations is 0, wanted 1 to"),
        (("pressure", "here", "--seeds", "many"), "--seeds is 'many'"),
        (("pressure", "nowhere"), "is no session"),
        (("alarm", "--labels", "few"), "--labels is 'few', wanted numbers of answers"),
        (("alarm", "--labels", "0"), "--labels is '0'"),
        (("alarm", "--teacher", "orakel"), "oracle"),
        (("alarm", "--task", "hoper-backflip"), "hopper-backflip"),
        (("alarm", "--iterations", "-1"), "--iterations is -1"),
        (("camera", "--views", "top"), "Unknown view 'top': there are front and side."),
        (("camera", "--views", ""), "Unknown view ''"),
        (("camera", "--labels", "10,20"), "wanted one number of answers"),
        (("camera", "--seeds", "9..3"), "--seeds is '9..3'"),
        (("camera", "--config", "{"), "--config"),
        (("tour", "--labels", "10"), "wanted two numbers of answers for `tour`"),
        (("tour", "--labels", "1,2,3"), "wanted two numbers of answers for `tour`"),
        (("tour", "--labels", "5,0"), "--labels is '0'"),
        (("camera", "--keep"), "--keep is of `tour` alone"),
        (("tour", "--seeds", "x"), "--seeds is 'x'"),
        (("alarm", "--config", "{}"), "camera"),
        (("pressure", "--config", "{}"), "camera"),
        (("elsewhere",), "elsewhere"),
    ],
)
def test_nonsense_is_refused_in_one_line(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(("lab", *arguments)) == MISTAKE
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("backflip: ") and words in line
