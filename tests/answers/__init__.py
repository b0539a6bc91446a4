"""The answers that screens and commands ask for."""
