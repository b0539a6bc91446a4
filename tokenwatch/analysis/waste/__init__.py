"""Detectors of waste: each looks at a session turn by turn and says what it saw, with proof.

`history` is what they look at, `finding` what they say, `detector` how one is made. `fold` runs
them over a session, `claims` grants each dollar once.
"""
