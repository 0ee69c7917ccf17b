"""The command line: ``planshift``."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that was typed; always leaves by SystemExit, with a status of `planshift.cli.leaving`."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows another in its place; a traceback would help nobody.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from planshift.cli.leaving import leave

    raise SystemExit(leave(_command))


def _command() -> None:
    from planshift.cli.app import app

    app(prog_name="planshift")
