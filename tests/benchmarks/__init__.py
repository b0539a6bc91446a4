"""How fast tokenwatch is, beside other programs that read the same logs: `make bench`.

Nothing here is a test: no figure ever fails. `corpus` writes the logs, `peers` installs and reads
the other programs, `__main__` runs all in turn and prints a table.
"""
