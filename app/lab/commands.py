"""`backflip lab`: which experiment, how much of it, and where its table goes."""

from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from app.errors import UsageError
from app.output import OK, Json, tell


def lab(
    what: Positional[Literal["pressure"]],
    session: Positional[Path | None] = None,
    seeds: str = "0..4",
    targets: str | None = None,
    iterations: int | None = None,
    out: Path | None = None,
    quick: bool = False,
    as_json: Json = False,
) -> int:
    """Experiments on learning from feedback, as tables.

    Args:
        what: `pressure`: freezes a session's learned reward, and optimises policies against it ever further from the
            policy before feedback: learned reward and true score, and whether they part (Gao et al. 2022).
        session: The session's folder.
        seeds: One seed, or a range such as 0..4.
        targets: Distances to go to, in nats per second of simulation, rising, such as 1,10,100,1000.
        iterations: Of practice at each target.
        out: Keep tables (Markdown) and plots (PNG) in this folder.
        quick: Less of everything, to see that it works.
    """
    assert what == "pressure", "there is one experiment yet"
    from app.bench.labels import parse_seeds
    from app.lab import pressure

    if session is None:
        raise UsageError("`backflip lab pressure` needs a session: name its folder.")
    wanted = parse_seeds(seeds)
    aims = pressure.TARGETS if targets is None else pressure.parse_targets(targets)
    practice = pressure.ITERATIONS if iterations is None else iterations
    if practice < 1:
        raise UsageError(f"--iterations is {practice}, wanted 1 or more.")
    if quick:
        wanted, aims, practice = wanted[:1], pressure.QUICK_TARGETS, pressure.QUICK_ITERATIONS
    report = pressure.lab_pressure(session, wanted, aims, practice, out)
    print(pressure.as_markdown(report), end="")
    tell(pressure.as_fields(report), as_json)
    return OK
