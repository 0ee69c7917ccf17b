"""Typst at work: what it makes of its files, in letters that planshift brings, the same bytes for the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from planshift.plans.files import folder

_PROGRAM = (
    "import json, sys; said = json.load(sys.stdin); sys.path[:] = said['path']\n"
    "from planshift.reports.typesetting import made; sys.stdout.buffer.write(made(**said['work']))"
)


def typeset(files: Mapping[str, str], *, fits: Sequence[Mapping[str, object]] = (), sheets: int = 0) -> bytes:
    """The PDF (tagged, PDF/UA-1) that Typst makes of files, the first of which is ``main.typ``. Of ``fits``, each tried
    as ``fit.json``, it is set with the first with which so many sheets are enough."""
    work = {"files": dict(files), "fits": list(fits), "sheets": sheets}
    if _first_process() == os.getpid():
        return made(**work)  # type: ignore[arg-type]
    # Typst's threads do not live on in a process that was forked after they began: there it would wait for ever.
    said = json.dumps({"path": sys.path, "work": work})
    return subprocess.run([sys.executable, "-c", _PROGRAM], input=said.encode(), stdout=-1, check=True).stdout


def made(files: Mapping[str, str], fits: Sequence[Mapping[str, object]], sheets: int) -> bytes:
    """The same in this process."""
    import typst

    source: dict[str, Any] = {name: text.encode() for name, text in files.items()}
    own = {"font_paths": _fonts(), "ignore_system_fonts": True}
    for fit in fits:
        source["fit.json"] = json.dumps(fit).encode()
        if not sheets or int(typst.query(source, "<pages>", field="value", one=True, **own)) <= sheets:
            break
    found = typst.compile(source, format="pdf", pdf_standards=["ua-1"], **own)
    assert isinstance(found, bytes)
    return found


@lru_cache
def _first_process() -> int:
    """The process in which Typst was used first."""
    return os.getpid()


@lru_cache
def _fonts() -> Any:
    """The fonts of planshift and of Typst, which are the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[folder("reports") / "fonts"])
