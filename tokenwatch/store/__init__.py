"""What we remember: the ledger, one SQLite file in the user's data folder.

`ledger` opens it, `writer` puts in what readers found, the other modules answer questions. SQL is
in this package and nowhere else.
"""
