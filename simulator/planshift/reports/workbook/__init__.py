"""The workbook of a forecast: what finance opens, with live formulas whose stored values are the engine's."""
