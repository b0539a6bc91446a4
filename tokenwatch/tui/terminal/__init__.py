"""The terminal and the programs beside it: input, clipboard, editor, tmux."""
