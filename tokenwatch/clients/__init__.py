"""The settings files of the agents' programs: what we put there on request, and take out again."""
