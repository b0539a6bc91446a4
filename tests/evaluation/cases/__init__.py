"""Cases of each kind of waste: how sessions with it look, and sessions that only look alike."""
