"""What a client's hooks ask: may this prompt, this tool call, this subagent go on?

`state`, `decide`, `answer`, `plain` and `record` are run for every prompt and every call of a tool
(by `cli.hook`), so they import next to nothing: not even `re`, `typing` or `json`. `gather` makes
the state of what the ledger knows. Whatever goes wrong, the client goes on.
"""
