"""Look at everything that rules judge, tell what is news, and keep it in the inbox."""
