"""What a scenario generates, in words and a picture."""
