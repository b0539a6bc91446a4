"""The commands. Each is a module; `main` imports the one that is asked for."""
