"""Mutations of JSON that know its structure: other types, extreme numbers, depth, surrogates, keys that come twice."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.benchmarks.fuzz.mutate_bytes import REAL_NUMBERS, STRANGE_TEXTS, WHOLE_NUMBERS, mutate_bytes, several

DEPTHS = (10, 63, 64, 65, 1000, 100_000)
ALSO_BYTES = 0.1
"""Share of documents whose text is mutated as well."""
OTHER_ENCODING = 0.03


class Raw(str):
    """A value's text as it is written, whether it is JSON or not."""


class Pairs(list):
    """An object as a list of keys and values, so that a key can come twice."""


RAW_VALUES = tuple(
    Raw(text)
    for text in (
        *(
            "NaN",
            "-Infinity",
            "1e999",
            "-1e999",
            "1E400",
            "9" * 5000,
            "-" + "9" * 4299,
            "0." + "3" * 5000,
            "1e-999",
            "-0",
        ),
        *(
            '"\\ud800"',
            '"\\udfff\\ud800"',
            '"\\u0000"',
            '"\\u001b[31m"',
            "'x'",
            "undefined",
            "01",
            "+1",
            ".5",
            "[1,]",
            "",
        ),
        *("[" * depth + "]" * depth for depth in DEPTHS),
        *('{"a":' * depth + "1" + "}" * depth for depth in DEPTHS),
    )
)


def mutate_json(random: Random, content: bytes, other: bytes = b"") -> bytes:
    """Some mutations of a JSON document; of its text alone where it is none."""
    try:
        value = parse(content)
    except ValueError:
        return mutate_bytes(random, content, other)
    changed = text_of(mutate_value(random, value))
    encoded = changed.encode("utf-8", "surrogatepass")
    if random.random() < OTHER_ENCODING:
        encoding = random.choice(("utf-16", "utf-8-sig", "latin-1", "utf-32"))
        encoded = changed.encode(encoding, "replace")
    return mutate_bytes(random, encoded, other) if random.random() < ALSO_BYTES else encoded


def parse(content: bytes | str) -> Any:
    """A JSON value whose objects are `Pairs`."""
    return json.loads(content, object_pairs_hook=Pairs)


def text_of(value: Any) -> str:
    """The text of a value that `parse` gave and mutations changed."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{text_of(item)}" for key, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    return json.dumps(value)


def mutate_value(random: Random, value: Any) -> Any:
    """Some mutations of a value that `parse` gave; it is changed in place where it can be."""
    for _ in range(several(random)):
        places = list(_places(value))
        if not places or random.random() < 0.02:
            value = strange(random, value)
        else:
            _mutate_place(random, *random.choice(places))
    return value


def strange(random: Random, value: Any) -> Any:
    """Something in the place of `value`."""
    kind = random.randrange(8)
    if kind == 0:
        return random.choice(RAW_VALUES)
    if kind == 1:
        return random.choice(WHOLE_NUMBERS)
    if kind == 2:
        return random.choice(REAL_NUMBERS)
    if kind == 3:
        return random.choice(STRANGE_TEXTS)
    if kind == 4:
        return random.choice((None, True, False, [], Pairs(), [0] * 1000, [[]] * 100, Pairs([("", None)])))
    if kind == 5:
        return random.choice(([value], Pairs([("a", value)]), str(value), [value, value]))
    return _near(random, value)


def _near(random: Random, value: Any) -> Any:
    """A value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return random.choice(
            (value + 1, value - 1, -value, value * 25, value * 1000, value / 2, float(value), int(value))
        )
    if isinstance(value, str) and not isinstance(value, Raw):
        at = random.randint(0, len(value))
        return value[:at] + random.choice(STRANGE_TEXTS) + value[random.choice((at, at + 1, len(value))) :]
    if isinstance(value, list) and value:
        shuffled = type(value)(value)
        random.shuffle(shuffled)
        return type(value)(shuffled * random.choice((1, 2, 50)))[: random.choice((1, len(value), 10_000))]
    return random.choice(STRANGE_TEXTS)


def _places(value: Any) -> Iterator[tuple[list[Any], int]]:
    """Every list or object below `value`, with every index in it."""
    if not isinstance(value, list):
        return
    for index, item in enumerate(value):
        yield value, index
        yield from _places(item[1] if isinstance(value, Pairs) else item)


def _mutate_place(random: Random, holder: list[Any], index: int) -> None:
    if not index < len(holder):
        return
    item = holder[index]
    way = random.random()
    if way < 0.1:
        del holder[index]
    elif way < 0.2:
        holder.insert(random.randint(0, len(holder)), item)
    elif isinstance(holder, Pairs):
        key, value = item
        if way < 0.3:
            key = random.choice((*STRANGE_TEXTS, f"{key}x", random.choice(holder)[0]))
            holder[index] = (key, value)
        elif way < 0.4:
            holder.append((key, strange(random, value)))
        else:
            holder[index] = (key, strange(random, value))
    else:
        holder[index] = strange(random, item)
