"""Who wins and who loses: members whose cost falls, rises, or stays about the same."""

from __future__ import annotations

CHEAPER, DEARER, SAME = "cheaper", "dearer", "about the same"
GROUPS = (CHEAPER, DEARER, SAME)
GROUP_TITLES = {CHEAPER: "cost less", DEARER: "cost more", SAME: "cost about the same (within 1 %)"}
