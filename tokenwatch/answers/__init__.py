"""What screens and commands ask beyond the live picture: one module for each subject.

A question is a function of a `Moment`. A screen hands it to its feed, which runs it on a thread
against one state of the ledger.
"""
