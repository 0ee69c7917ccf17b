"""Coarse forecasts: members by persona and month, drawn from a library of members that were billed day by day once."""
