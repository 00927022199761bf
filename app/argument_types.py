"""Types of the command line's arguments, each with its range or its kind of path (`app.arguments`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import arg
from tyro.constructors import PrimitiveConstructorSpec

from app.arguments import (
    LEAST_WINDOW,
    MOST_EPISODES,
    MOST_ITERATIONS,
    MOST_JOBS,
    MOST_LABELS,
    MOST_MINUTES,
    MOST_SEED,
    MOST_WINDOW,
    PICTURES,
    VIDEOS,
    any_path,
    output_file,
    output_folder,
    real_number,
    whole_number,
)


def _spec(kind: type, metavar: str, parse: Callable[[str], object]) -> PrimitiveConstructorSpec[Any]:
    """How tyro makes a value of one word; None, as a default, is what was not given."""
    return PrimitiveConstructorSpec(
        nargs=1,
        metavar=metavar,
        instance_from_str=lambda words: parse(words[0]),
        is_instance=lambda value: value is None or isinstance(value, kind),
        str_from_instance=lambda value: [str(value)],
    )


def _whole(least: int, most: int) -> PrimitiveConstructorSpec[Any]:
    return _spec(int, "INT", lambda text: whole_number(text, least, most))


_OUTPUT = _spec(Path, "DIR", output_folder)
_LABELS = _whole(1, MOST_LABELS)

TaskName = Annotated[str, arg(metavar="TASK")]
Seed = Annotated[int, _whole(0, MOST_SEED)]
Labels = Annotated[int, _LABELS]
MaybeLabels = Annotated[int | None, _LABELS]
Episodes = Annotated[int, _whole(1, MOST_EPISODES)]
Jobs = Annotated[int, _whole(1, MOST_JOBS)]
MaybeIterations = Annotated[int | None, _whole(1, MOST_ITERATIONS)]
Width = Annotated[int, _whole(LEAST_WINDOW[0], MOST_WINDOW[0])]
Height = Annotated[int, _whole(LEAST_WINDOW[1], MOST_WINDOW[1])]
Minutes = Annotated[float, _spec(float, "FLOAT", lambda text: real_number(text, 0.0, MOST_MINUTES))]

SessionFolder = Annotated[Path, _spec(Path, "SESSION", any_path)]
MaybeSessionFolder = Annotated[Path | None, _spec(Path, "SESSION", any_path)]
BundleFolder = Annotated[Path, _spec(Path, "BUNDLE", any_path)]
OutputFolder = Annotated[Path, _OUTPUT]
"""A folder that is made or added to."""
MaybeOutputFolder = Annotated[Path | None, _OUTPUT]
MaybeVideo = Annotated[Path | None, _spec(Path, "FILE", lambda text: output_file(text, VIDEOS))]
MaybePicture = Annotated[Path | None, _spec(Path, "FILE", lambda text: output_file(text, PICTURES))]
