"""How an alert leaves the program: as a document, through the terminal, or by another service.

`delivery` sends through those that leave the machine's screen (desktop, command, webhook), each in
its own thread. What the terminal shows is only made here (`terminal`): whoever owns the terminal
writes it.
"""
