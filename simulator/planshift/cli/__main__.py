"""``python -m planshift.cli`` is ``planshift``."""

from planshift.cli import main

main()
