"""Usage drawn at random: who uses how much, as data, and the generator that makes demand of it."""
