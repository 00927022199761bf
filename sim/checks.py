"""Checks of what comes from outside: arrays, seeds, whole numbers. Each refusal is one line with found and wanted."""

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError

Shape = tuple[int | str, ...]
"""A wanted shape; a letter stands for any length."""
NUMBER_KINDS = "fiu"
"""Kinds of dtype that are numbers here: floats, and integers with and without a sign."""
LONGEST_QUOTE = 60
"""A refused value is quoted up to this many characters."""


def finite_array(what: str, value: object, shape: Shape) -> NDArray[Any]:
    """Returns `value` as an array of finite numbers; a floating array of the right shape is passed on as it is.

    Args:
        what: what the array holds, as a plural: `actions`.
        value: anything.
        shape: the wanted shape, such as `(4, 3)` or `("n", 3)`.

    Raises:
        InputError: it is not made of numbers, has another shape, or holds a NaN or an infinity.
    """
    array = number_array(what, value, shape)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise InputError(f"{what} must be finite numbers; found {array[place]} at index {list(place)}.")
    return array


def number_array(what: str, value: object, shape: Shape) -> NDArray[Any]:
    """Returns `value` as an array of numbers of this shape, finite or not.

    Raises:
        InputError: it is not made of numbers, or has another shape.
    """
    try:
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors with a gradient, or on a device
        raise InputError(f"{what} must be numbers of shape {_text(shape)}; found {quoted(value)}.") from error
    if array.dtype.kind not in NUMBER_KINDS:
        raise InputError(f"{what} must be numbers of shape {_text(shape)}; found {quoted(value)} ({array.dtype}).")
    if not _fits(array.shape, shape):
        raise InputError(f"{what} must have shape {_text(shape)}; found shape {_text(array.shape)}.")
    return array


def whole_number(what: str, value: object, least: int, most: int | None = None) -> int:
    """Returns `value` as an int within bounds.

    Args:
        what: what is counted, such as `num_envs`.
        value: anything; integers of numpy count, booleans and floats do not.
        least: the smallest allowed.
        most: the largest allowed; None for no limit.

    Raises:
        InputError: it is not a whole number within the bounds.
    """
    bounds = f"a whole number, {least} or more" if most is None else f"a whole number from {least} to {most}"
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError as error:
        raise InputError(f"{what} must be {bounds}; found {quoted(value)}.") from error
    if number < least or (most is not None and number > most):
        raise InputError(f"{what} must be {bounds}; found {quoted(number)}.")
    return number


def optional_seed(value: object) -> int | None:
    """Returns a seed: None, or a whole number from 0.

    Raises:
        InputError: it is neither.
    """
    return None if value is None else whole_number("seed", value, 0)


def quoted(value: object) -> str:
    """Returns a value as an error message shows it: on one line, and not too long."""
    if isinstance(value, int) and value.bit_length() > 4 * LONGEST_QUOTE:
        return f"an integer of {value.bit_length()} bits"  # Python refuses to print the longest ones
    words = " ".join(repr(value).split())
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}..."


def _fits(found: tuple[int, ...], wanted: Shape) -> bool:
    return found == wanted or (
        len(found) == len(wanted)
        and all(isinstance(side, str) or side == length for side, length in zip(wanted, found, strict=True))
    )


def _text(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
