"""Billing: demand through a contract, into a ledger. A module for each word of the rulebook."""
