"""The command line: ``planshift``."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that was typed; always leaves by SystemExit.

    Exit status: 0 all is well, 1 a result could not be written, 2 the input cannot be used, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows another in its place; a traceback would help nobody.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from planshift.cli.app import app

    app(prog_name="planshift")
    raise SystemExit(0)
