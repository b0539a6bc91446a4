"""What the numbers mean: pure functions, values in, values out; no clock, no files, no SQL."""
