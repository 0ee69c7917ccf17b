"""The formats that there are: those of planshift, and those that installed packages bring by an entry point.

A package brings a format by an entry point in the group ``planshift.formats``, whose name is the format's and whose
object is a `Format` (reports/FORMATS.md has a worked example)::

    [project.entry-points."planshift.formats"]
    tally = "planshift_tally:FORMAT"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from planshift.problems import InputError, PlanshiftError, did_you_mean
from planshift.usage.formats import (
    admin_usage,
    claude_code_analytics,
    console_usage,
    enterprise_analytics,
    month_costs,
    spend_report,
    telemetry,
    transcripts,
    usage_cost_analytics,
)
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.reading import ImportOptions, Reading
from planshift.usage.formats.recognition import FOREIGN, Foreign

GROUP = "planshift.formats"

SHIPPED: Sequence[Format] = (
    spend_report.FORMAT,
    transcripts.FORMAT,
    admin_usage.FORMAT,
    enterprise_analytics.FORMAT,
    claude_code_analytics.FORMAT,
    usage_cost_analytics.FORMAT,
    telemetry.FORMAT,
    console_usage.FORMAT,
    month_costs.FORMAT,
)


def find_format(name: str) -> Format:
    """The format of that name. InputError where there is none, or where the package that brings it is at fault."""
    brought = [point for point in entry_points(group=GROUP) if point.name == name]
    shipped = [each for each in SHIPPED if each.name == name]
    if len(shipped) + len(brought) > 1:
        packages = " and ".join(sorted(_package(point) for point in brought))
        fact = f"the format '{name}' is brought by {packages}" + (", and planshift has one itself" if shipped else "")
        raise InputError.at("FORMAT", fact, "uninstall all but one")
    if shipped:
        return shipped[0]
    if brought:
        return _loaded(brought[0])
    raise InputError.at("FORMAT", f"no format '{name}'", did_you_mean(name, format_names()))


def format_names() -> list[str]:
    """The names of all formats, those of planshift first; nothing is loaded for it."""
    return [each.name for each in SHIPPED] + sorted({point.name for point in entry_points(group=GROUP)})


def all_formats() -> Iterator[Format | InputError]:
    """Every format; in place of one that cannot be loaded, the mistake that says why."""
    yield from SHIPPED
    for name in format_names()[len(SHIPPED) :]:
        try:
            yield find_format(name)
        except InputError as error:
            yield error


def look_at(path: Path) -> Format | Foreign | None:
    """What a file looks like: a format, or something that is recognised and not imported; ``None`` if nothing known."""
    head = Head.of(path)
    known: list[Format | Foreign] = [each for each in all_formats() if isinstance(each, Format)]
    return next((each for each in [*known, *FOREIGN] if each.recognises(head)), None)


def _loaded(point: EntryPoint) -> Format:
    """The format behind an entry point; whatever its package does wrong is a mistake that names the package."""
    try:
        found = point.load()
    except Exception as error:
        raise _fault(point, f"cannot be loaded ({_words(error)})") from None
    if not isinstance(found, Format):
        raise _fault(point, f"is not a planshift.usage.formats.Format ({point.value} is a {type(found).__name__})")
    if found.name != point.name:
        raise _fault(point, f"calls itself '{found.name}'")

    def read(paths: Sequence[Path], options: ImportOptions) -> Reading:
        try:
            reading = found.read(paths, options)
        except PlanshiftError:
            raise
        except Exception as error:
            raise _fault(point, f"failed to read the files ({_words(error)})") from error
        if not isinstance(reading, Reading):
            raise _fault(point, f"has read a {type(reading).__name__} where a Reading is due")
        return reading

    def recognises(head: Head) -> bool:
        try:
            return bool(found.recognises(head))
        except Exception:
            # A package that fails over a file that is perhaps not its own must not keep others from reading it.
            return False

    return replace(found, read=read, recognises=recognises, package=_package(point))


def _fault(point: EntryPoint, what: str) -> InputError:
    remedy = "update or uninstall the package, or tell its makers"
    return InputError.at("FORMAT", f"the format '{point.name}' of the package {_package(point)} {what}", remedy)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
