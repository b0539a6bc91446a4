"""Settings: what config.toml says, and how to change it."""
