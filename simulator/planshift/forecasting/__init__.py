"""Forecasts: a portfolio of contracts month by month, in many draws: booked, billed, paid, earned and still owed."""
