"""The page about realism, ``reports/gallery/realism.md``: generated usage beside every published figure.

``python -m planshift_dev.realism --write`` writes it with its pictures (`make realism`), ``--check`` says whether the
page is still what the generator gives.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from planshift.plans.files import folder
from planshift.problems import PlanshiftError
from planshift_dev.alike import GALLERY, alike

_HOW = "make realism"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or say whether it is current; the exit status."""
    if list(arguments) not in (["--write"], ["--check"]):
        print("give --write or --check", file=sys.stderr)
        return 2
    from planshift_dev.realism.page import PAGE, realism

    place = folder("reports") / GALLERY
    try:
        found = realism()
        if list(arguments) == ["--check"]:
            return _checked(place / PAGE, found.page)
        place.mkdir(exist_ok=True)
        for name, content in found.files.items():
            (place / name).write_bytes(content)
    except PlanshiftError as error:
        print(error, file=sys.stderr)
        return 2
    print(found.answer)
    return 0


def _checked(path: Path, page: str) -> int:
    if path.is_file() and alike(path.read_text(encoding="utf-8"), page):
        return 0
    print(f"reports/{GALLERY}/{path.name} is not what the generator gives - write it anew: {_HOW}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
