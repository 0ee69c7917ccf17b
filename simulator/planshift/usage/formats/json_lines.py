"""Files with a JSON object on each line, as programs that go on writing leave them: the last line may be cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from planshift.problems import Place
from planshift.usage.formats.reading import Reading
from planshift.usage.formats.texts import read_text

_CUT_OFF_LINE = "a last line that is cut off"

_decode = json.JSONDecoder(parse_float=Decimal).decode


def json_lines(
    path: Path, reading: Reading, names: Sequence[str] = (), amounts: str = ""
) -> Iterator[tuple[Place, dict[str, object]]]:
    """Every object of a file with its place; a broken line is a problem, and a last one cut off is left out and said.

    With ``names``, an object that has none of these fields is given empty: decoding what people wrote, most of
    a transcript, takes most of the time. With ``amounts``, no other field has decimals that count. Raises InputError
    for a file that cannot be read.
    """
    fields = [f'"{name}"' for name in names]
    lines = read_text(path, cut_off=True).rstrip().split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = Place(str(path), number)
        if fields and number < len(lines) and _is_without(line, fields):
            yield place, {}
            continue
        try:
            values = _quickly(line) if amounts and f'"{amounts}"' not in line else _decode(line)
        except (ValueError, RecursionError) as error:
            # After a power cut a file can end in zero bytes.
            if number == len(lines) and (line.startswith("{") or not line.strip("\0")):
                _leave_out(place, reading)
                return
            why = error.msg if isinstance(error, json.JSONDecodeError) else "too deep or too large"
            reading.wrong(place, f"is not a line of JSON ({why})", "delete it if it is cut off, or copy the file again")
            continue
        if isinstance(values, dict):
            yield place, values
        else:
            reading.wrong(place, "is not an object", "give the file as it was written")


def _quickly(line: str) -> Any:
    """The value of a line whose decimals do not count; what orjson does not take may be JSON all the same."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return _decode(line)


def _is_without(line: str, fields: Sequence[str]) -> bool:
    """Whether a line is whole, as far as its ends show, and has none of the fields: in text, quotes are escaped."""
    return line[0] == "{" and line[-1] == "}" and not any(name in line for name in fields)


def _leave_out(place: Place, reading: Reading) -> None:
    reading.rows_read += 1
    reading.dropped[_CUT_OFF_LINE] += 1
    reading.warned[
        f"The last line is cut off (the file was probably copied while it was being written) and left out: {place}."
    ] += 1
