"""Usage: from files, or draws, to demand in nano-dollars by member and day."""
