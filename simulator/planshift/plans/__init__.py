"""Plans: from the files that people write to a catalogue of plans and rates."""
