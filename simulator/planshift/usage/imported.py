"""An import in one line: usage exports as canonical rows, priced with the plans' rate card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from planshift.plans.catalogue import chosen_card, load_catalogue
from planshift.usage import formats
from planshift.usage.formats import ImportResult


def import_usage(
    format: str,  # noqa: A002 - the word that people use
    files: Path | str | Iterable[Path | str],
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
    """The usage in export files: ``.rows``, a DataFrame in canonical columns, and ``.summary``.

    ``plans`` is a folder whose rate cards go before the shipped ones, ``overlays`` are what-ifs, ``rates`` names the
    rate card where there are several; the rest is as in `planshift.usage.formats.import_usage`. Raises InputError with
    every mistake found.
    """
    paths = [Path(files)] if isinstance(files, Path | str) else [Path(file) for file in files]
    catalogue = load_catalogue(Path(plans) if plans else None, [Path(overlay) for overlay in overlays])
    return formats.import_usage(
        format,
        paths,
        chosen_card(catalogue, rates),
        start=start,
        end=end,
        user=user,
        surface=surface,
        skip_unknown_models=skip_unknown_models,
        decimal=decimal,
        persona=persona,
    )
