"""How well waste is found: labelled sessions are generated as logs, read by the program, scored.

The labels are the generator's, not people's. Its phrases know nothing of the detectors' word lists,
and no detector may be tuned to a template of these.
"""
