"""A slow biller, written from the rulebook alone: day by day, member by member, in whole nano-dollars.

It shares no code with the simulator. It is meant to be read: one small module for each noun of the rulebook.
"""

from oracle.biller import Tables, bill

__all__ = ["Tables", "bill"]
