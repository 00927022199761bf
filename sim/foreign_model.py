"""A robot model (MJCF) that somebody sent, compiled in a process that may die.

MuJoCo compiles what a text says: a text of a few lines can ask for all memory, for hours, for any file of this
machine, or can end the process. So the text is looked at first, and then compiled by a child with limits on memory and
time; what the child found is all that comes back.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from xml.etree import ElementTree as ET

from sim.untrusted import MIB, UntrustedError

XML_LIMIT = 4 * MIB
"""Bytes of the text."""
MEMORY_LIMIT = 2 << 30
"""Bytes of address space that the child may have; loading MuJoCo takes a tenth of them."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For the child: each further thread of a library that it never uses would take some of that."""
CPU_SECONDS = 10
WALL_SECONDS = 30.0
OUTSIDE_ATTRIBUTES = ("file", "fileup", "filedown", "fileleft", "fileright", "filefront", "fileback")
OUTSIDE_FOLDERS = ("meshdir", "texturedir", "assetdir")
"""Attributes by which a text names files and folders."""
OUTSIDE_ELEMENTS = ("include", "extension", "plugin")
"""Elements that take in other files, or code."""


class ForeignModelError(UntrustedError):
    """A model that cannot be compiled here, or that asks for more than a text of its own."""


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """What a model consists of, in MuJoCo's words."""

    nq: int
    nv: int
    nu: int
    nbody: int
    ngeom: int


def examine_model(xml: bytes) -> ModelSizes:
    """Compiles an MJCF text, all of it in the text itself, in a process of its own.

    Args:
        xml: the text.

    Raises:
        ForeignModelError: it is no MJCF, names other files, or does not compile within the limits; says why.
    """
    _check_text(xml)
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    with tempfile.TemporaryDirectory() as folder:  # MuJoCo's log of warnings goes to where the process is
        command = [sys.executable, "-P", "-m", "sim.foreign_model"]
        try:
            done = subprocess.run(
                command, input=xml, env=environment, cwd=folder, capture_output=True, timeout=WALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ForeignModelError(f"The model did not compile within {WALL_SECONDS:.0f} s.") from error
    if done.returncode == 0:
        return ModelSizes(**json.loads(done.stdout.splitlines()[-1]))
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode < 0 or not lines:
        raise ForeignModelError(f"Compiling the model ended its process (status {done.returncode}).")
    reason = " ".join("".join(letter if letter.isprintable() else " " for letter in lines[-1]).split())
    raise ForeignModelError(f"The model does not compile: {reason[:300].rstrip('.')}.")


def _check_text(xml: bytes) -> None:
    if len(xml) > XML_LIMIT:
        raise ForeignModelError(f"The model has {len(xml):,} bytes, wanted at most {XML_LIMIT:,}.")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\0" in xml:
        raise ForeignModelError(
            "The model has a document type, entities or null characters, wanted plain XML in UTF-8."
        )
    try:
        for _, element in ET.iterparse(io.BytesIO(xml), ("start",)):
            _check_element(element)
    except (ET.ParseError, UnicodeError, ValueError) as error:
        raise ForeignModelError(f"The model is no XML: {error}.") from error


def _check_element(element: ET.Element) -> None:
    tag = element.tag.lower()
    if tag in OUTSIDE_ELEMENTS:
        raise ForeignModelError(
            f"The model has an element <{tag}>, wanted a model that needs no other file and no code."
        )
    for name, value in element.attrib.items():
        if name.lower() in (*OUTSIDE_ATTRIBUTES, *OUTSIDE_FOLDERS):
            raise ForeignModelError(
                f"The model names {ascii(value)[:80]} in {name!a}, wanted a model that needs no other file."
            )


def main() -> None:
    """The child: takes limits upon itself, compiles what comes on stdin, and prints the sizes as JSON."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import mujoco

    try:
        model = mujoco.MjModel.from_xml_string(sys.stdin.buffer.read().decode("utf-8"))
        mujoco.MjData(model)  # a model may compile and still ask for more memory than there is
    except Exception as error:  # MuJoCo and its bindings raise many kinds
        raise SystemExit(" ".join(str(error).split()) or type(error).__name__) from error
    print(json.dumps(asdict(ModelSizes(model.nq, model.nv, model.nu, model.nbody, model.ngeom))))


if __name__ == "__main__":
    main()
