"""Mutations of a robot model (MJCF): extreme numbers, files and code from outside, depth, requests for all memory."""

from random import Random
from xml.etree import ElementTree as ET

from tests.benchmarks.fuzz.mutate_bytes import OUTSIDE_PATHS, STRANGE_TEXTS, mutate_bytes, several

NUMBERS = (
    "0",
    "-1",
    "1e999",
    "-1e308",
    "1e-320",
    "nan",
    "inf",
    "2147483647",
    "2147483648",
    "99999999999999",
    "1 2 3 4 5 6",
)
PIECES = (
    '<include file="{path}"/>',
    '<asset><mesh name="m" file="{path}"/></asset>',
    '<asset><texture name="t" type="2d" builtin="flat" width="60000" height="60000"/></asset>',
    '<asset><texture name="t" type="cube" builtin="gradient" width="8192" height="49152"/></asset>',
    '<asset><hfield name="h" nrow="30000" ncol="30000" size="1 1 1 1"/></asset>',
    '<asset><mesh name="m" vertex="0 0 0 1 0 0 0 1 0 0 0 1"/></asset>',
    '<asset><mesh name="m" builtin="sphere" params="10"/></asset>',
    '<size memory="100G"/>',
    '<size njmax="2000000000" nconmax="2000000000"/>',
    '<size nuserdata="2000000000"/>',
    '<size nuser_body="2000000000"/>',
    '<worldbody><replicate count="1000000" offset="0 0 1"><geom size=".1"/></replicate></worldbody>',
    '<worldbody><composite type="cable" count="100000 1 1" size="1 1 1"><geom size=".1"/></composite></worldbody>',
    '<worldbody><flexcomp name="f" type="grid" count="300 300 300" spacing="1 1 1"/></worldbody>',
    '<extension><plugin plugin="mujoco.elasticity.cable"/></extension>',
    '<default><default class="x"><geom size="{number}"/></default></default>',
    '<option timestep="{number}"/>',
    '<compiler meshdir="{path}" texturedir="{path}" coordinate="local"/>',
    '<keyframe><key qpos="{number}"/></keyframe>',
    '<statistic extent="{number}" meansize="{number}"/>',
    '<custom><numeric name="n" size="2000000000"/></custom>',
    '<custom><text name="t" data="{text}"/></custom>',
    '<sensor><user dim="2000000000"/></sensor>',
    '<actuator><motor joint="{text}" gear="{number}"/></actuator>',
    "<frame/>",
)
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + index)} "{f"&{chr(97 + index)};" * 10}">' for index in range(9)
)
DOCTYPES = (f"{ENTITIES}]>", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "<!doctype x>")


def mutate_xml(random: Random, content: bytes, other: bytes = b"") -> bytes:
    """Some mutations of an XML document."""
    if random.random() < 0.15:
        return mutate_bytes(random, content, other)
    root = ET.fromstring(content)
    for _ in range(several(random)):
        random.choice(WAYS)(random, root)
    text = ET.tostring(root, encoding="unicode")
    if random.random() < 0.05:
        text = random.choice(DOCTYPES) + text
    if random.random() < 0.05:
        depth = random.choice((100, 5_000, 100_000))
        text = text.replace("</worldbody>", "<body>" * depth + "</body>" * depth + "</worldbody>", 1)
    encoded = text.encode(random.choice(("utf-8",) * 18 + ("utf-16", "latin-1")), "xmlcharrefreplace")
    return mutate_bytes(random, encoded, other) if random.random() < 0.05 else encoded


def _element(random: Random, root: ET.Element) -> ET.Element:
    return random.choice(list(root.iter()))


def _attribute(random: Random, root: ET.Element) -> None:
    element = _element(random, root)
    name = random.choice((*element.attrib, "name", "size", "pos", "mass", "range", "file", "class", "solref"))
    element.set(name, _value(random))


def _value(random: Random) -> str:
    text = random.choice((random.choice(NUMBERS), random.choice(STRANGE_TEXTS), random.choice(OUTSIDE_PATHS)))
    return "".join(letter for letter in text if letter.isprintable())


def _drop(random: Random, root: ET.Element) -> None:
    parent = _element(random, root)
    if len(parent):
        parent.remove(random.choice(list(parent)))


def _rename(random: Random, root: ET.Element) -> None:
    _element(random, root).tag = random.choice(
        ("body", "geom", "joint", "site", "include", "plugin", "x", "mujoco", "freejoint")
    )


def _repeat(random: Random, root: ET.Element) -> None:
    parent = _element(random, root)
    if len(parent):
        parent.extend([random.choice(list(parent))] * random.choice((1, 10, 500)))


def _nest(random: Random, root: ET.Element) -> None:
    element = _element(random, root)
    for _ in range(random.choice((1, 20, 300))):
        element = ET.SubElement(element, random.choice(("body", "default", "geom")))


def _piece(random: Random, root: ET.Element) -> None:
    piece = random.choice(PIECES)
    for name, value in (
        ("path", random.choice(OUTSIDE_PATHS)),
        ("number", random.choice(NUMBERS)),
        ("text", "x" * 1000),
    ):
        piece = piece.replace("{" + name + "}", value)
    root.append(ET.fromstring(piece))


WAYS = (_attribute, _attribute, _attribute, _drop, _rename, _repeat, _nest, _piece, _piece)
