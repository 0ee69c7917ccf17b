"""The command line, run inside the tests."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from planshift.cli.app import app

EXAMPLES = Path(__file__).parent / "golden" / "examples"
EXPORTS = Path(__file__).parent / "golden" / "exports"


class Answer:
    """What a command printed, and its exit status."""

    def __init__(self, *words: object) -> None:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.status, self.out, self.err = result.exit_code, result.stdout, result.stderr

    @property
    def first(self) -> str:
        return self.out.partition("\n")[0]

    @property
    def data(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


def run(*words: object) -> Answer:
    """What ``planshift`` with these words answers; an error that nobody foresaw goes through."""
    return Answer(*words)


def undrawn(shown: object, *_: object) -> bytes:
    """In place of the picture of a chart or the PDF of a page, everything that it would show."""
    return repr(shown).encode()


def floats_in(data: object) -> list[float]:
    """Every number with a fraction part in JSON: amounts are text, so there must be none."""
    if isinstance(data, dict):
        return [found for item in data.values() for found in floats_in(item)]
    if isinstance(data, list):
        return [found for item in data for found in floats_in(item)]
    return [data] if isinstance(data, float) else []
