"""Usage exports as canonical rows: what they say, what had to be assumed, and what every row read has become.

::

    result = import_usage("spend-report", [Path("spend-report-….csv")], card)
    result.rows       # date, user_id, surface, model, tokens …, modifiers
    result.summary    # rows read, merged and dropped; list cost beside the reported one; assumptions, warnings
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.problems import InputError, Problem, did_you_mean
from planshift.usage.formats.cache_tokens import with_cache_reads, with_write_lifetimes
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.priced import UnknownModel, daily_usage, keep_days, resolve_models
from planshift.usage.formats.reading import Counts, Entry, ImportOptions, Reading
from planshift.usage.formats.records import Record
from planshift.usage.formats.registry import all_formats, find_format, format_names, look_at
from planshift.usage.formats.result import Days, ImportResult, ImportSummary, result_of
from planshift.usage.formats.tables import MARKS
from planshift.usage.products import read_products

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard

__all__ = [
    "Counts",
    "Days",
    "Entry",
    "Format",
    "Head",
    "ImportOptions",
    "ImportResult",
    "ImportSummary",
    "Reading",
    "Record",
    "UnknownModel",
    "all_formats",
    "find_format",
    "format_names",
    "import_usage",
    "look_at",
]


def import_usage(
    format: str,  # noqa: A002 - the word that people use
    files: Path | str | Iterable[Path | str],
    card: RateCard | None = None,
    *,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
    rates: str | None = None,
    start: date | None = None,
    end: date | None = None,
    user: str | None = None,
    surface: str | None = None,
    skip_unknown_models: bool = False,
    decimal: str | None = None,
    persona: str | None = None,
) -> ImportResult:
    """The usage in export files: ``.rows``, a DataFrame in canonical columns, and ``.summary``, which accounts for it.

    It is priced with ``card``; else with that of ``plans``, a folder whose rate cards go before the shipped ones, under
    ``overlays``, what-ifs; ``rates`` names the rate card where there are several. ``start`` and ``end`` (both included)
    keep other days out, and are the range of a spend report whose file name does not say it. ``user`` is the member of
    rows that name nobody, and of all transcripts. ``surface`` is the surface of usage that names no product, or one
    that no surface covers. ``decimal`` is how tables mark decimals, ``comma`` or ``point``, where their numbers do not
    show it; ``persona`` is whose models and tokens costs alone are given. Models that the card lacks are a mistake,
    unless they are skipped, which is counted.

    Raises InputError with every mistake found: of reading, or else of days and models, or else of prices.
    """
    paths = [Path(files)] if isinstance(files, Path | str) else [Path(file) for file in files]
    if card is None:
        from planshift.plans.catalogue import chosen_card, load_catalogue

        catalogue = load_catalogue(Path(plans) if plans else None, [Path(overlay) for overlay in overlays])
        card = chosen_card(catalogue, rates)
    chosen = find_format(format)
    options = replace(_options(start, end, user, surface, decimal), persona=persona, card=card)
    _check_files(chosen, paths)
    with _uncollected():
        reading = chosen.read(paths, options)
        reading.check()
        keep_days(reading, start, end)
        unknown = resolve_models(reading, card, skip_unknown_models)
        reading.check()
        reading.entries = with_cache_reads(reading.entries, card, reading)
        reading.entries = with_write_lifetimes(reading.entries, card, reading)
        usage = daily_usage(reading, card)
        reading.check()
        return result_of(chosen.name, reading, usage, unknown, card)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of circles: it would look at every row read again and again, and rows make none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _options(
    start: date | None, end: date | None, user: str | None, surface: str | None, decimal: str | None
) -> ImportOptions:
    products = read_products()
    if start and end and end < start:
        raise InputError.at("--end", f"{end} is before --start {start}", "give the first day as --start")
    if surface is not None and surface not in products.titles:
        raise InputError.at("--surface", f"no surface '{surface}'", did_you_mean(surface, products.titles))
    if decimal is not None and decimal not in MARKS:
        raise InputError.at("--decimal", f"'{decimal}' is no way to mark decimals", did_you_mean(decimal, MARKS))
    return ImportOptions(products, start, end, user, surface, decimal)


def _check_files(chosen: Format, paths: Sequence[Path]) -> None:
    """Raise an InputError for files that are not there, and for those that look like something else."""
    if not paths:
        raise InputError.at("FILES", "no files are given", f"name {chosen.title}")
    problems: list[InputError] = []
    for path in paths:
        try:
            _check_file(chosen, path)
        except InputError as error:
            problems.append(error)
    if problems:
        raise InputError([problem for error in problems for problem in error.problems])


def _check_file(chosen: Format, path: Path) -> None:
    files = [path]
    if path.is_dir():
        if not chosen.folder:
            raise InputError.at(path, "is a folder", "name the files in it")
        files = sorted(path.rglob(chosen.folder))
        if not files:
            fact = f"there is no file {chosen.folder} in it or below it"
            raise InputError.at(path, fact, f"name {chosen.title}, or the folder that has them")
    elif not path.exists():
        raise InputError.at(path, "there is no such file", "check the path")
    problems = [problem for file in files for problem in _foreign(chosen, file)]
    if problems:
        raise InputError(problems)


def _foreign(chosen: Format, path: Path) -> list[Problem]:
    """The mistake of a file that looks like something else; one that looks like nothing known may be read."""
    if chosen.recognises(Head.of(path)):
        return []
    found = look_at(path)
    if found is None:
        return []
    looks, remedy = (
        (found.title, f"use `planshift usage import {found.name}`")
        if isinstance(found, Format)
        else (found.looks, found.remedy)
    )
    return list(InputError.at(path, f"this is not {chosen.title}: it looks like {looks}", remedy).problems)
