"""What `/` understands, and the search through prompts that it can ask for."""
