"""Imports of usage exports in tests: every row accounted for, refusals in words, files of lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planshift.plans.rates import RateCard
from planshift.problems import InputError
from planshift.usage.formats import ImportResult, import_usage


def imported(card: RateCard, name: str, *paths: Path, **options: Any) -> ImportResult:
    """An import in which no row is dropped silently: each is kept, merged or dropped for a reason."""
    result = import_usage(name, paths, card, **options)
    summary = result.summary
    assert summary.rows_read == summary.rows_kept + summary.merged + sum(count for _, count in summary.dropped)
    return result


def refused(card: RateCard, name: str, *paths: Path, **options: Any) -> str:
    """What is said of files that cannot be imported."""
    with pytest.raises(InputError) as caught:
        import_usage(name, paths, card, **options)
    return str(caught.value)


def importer(name: str) -> Callable[..., ImportResult]:
    """``imported`` of one format: ``importer(NAME)(card, *paths, **options)``."""
    return lambda card, *paths, **options: imported(card, name, *paths, **options)


def refuser(name: str) -> Callable[..., str]:
    """``refused`` of one format."""
    return lambda card, *paths, **options: refused(card, name, *paths, **options)


def lines(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    """A file of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows), encoding=encoding)
    return path


def json_lines(path: Path, *values: object) -> Path:
    """A file with a JSON value, or a text as it is, on each line."""
    return lines(path, *(value if isinstance(value, str) else json.dumps(value) for value in values))
