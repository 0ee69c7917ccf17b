"""Answers: what a renewal means for whoever has to decide about it, from its ledgers and terms."""
