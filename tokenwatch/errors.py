"""Everything tokenwatch raises on purpose.

    TokenwatchError             one line for the user: what happened, where, what to do
    ├── UsageError              a wrong option, argument or value (exit code 2)
    │   └── ConfigError         a wrong line in config.toml (exit code 2)
    ├── ConfigNotWritten        config.toml can't be changed
    ├── ClientSettingsError     an agent's settings file can't be changed as asked
    ├── NotFound                an id that matches nothing, or more than one thing
    ├── LedgerError             the ledger can't be opened or written
    │   ├── LedgerNewer         written by a newer tokenwatch: refused, untouched
    │   ├── LedgerBusy          another process holds it for too long
    │   └── LedgerGone          its file is no longer what was opened
    ├── PriceDataError          downloaded price data that is not usable
    └── OfflineError            the network is forbidden (TOKENWATCH_OFFLINE=1)

A bad log line, file or number is never an exception: it is counted and shown by `doctor`.
"""

from __future__ import annotations


class TokenwatchError(Exception):
    """Base of all errors meant for the user; `str(error)` is one printable line."""


class UsageError(TokenwatchError):
    """Name the wrong option, the value seen and the values allowed."""


class ConfigError(UsageError):
    """Name the file, the line, the key, the value seen and the values allowed."""

    def __init__(self, first: str, *others: str) -> None:
        """Take one line for each thing that is wrong."""
        super().__init__(first)
        self.lines = (first, *others)

    def __str__(self) -> str:
        """Return the first, and how many more there are."""
        more = len(self.lines) - 1
        return self.lines[0] + (f" (and {more} more)" if more else "")


class ConfigNotWritten(TokenwatchError):
    """config.toml can't be written, or not so that nothing else in it changes."""


class ClientSettingsError(TokenwatchError):
    """A settings file of an agent's program that is left as it is: names the file and why."""


class NotFound(TokenwatchError):
    """An id prefix that matches nothing, or is ambiguous."""


class LedgerError(TokenwatchError):
    """The ledger can't be opened, read or written."""


class LedgerNewer(LedgerError):
    """The ledger has a schema version this program does not know."""


class LedgerBusy(LedgerError):
    """Another process kept the ledger locked beyond our patience."""


class LedgerGone(LedgerError):
    """The ledger's file was removed or replaced while it was in use."""


class PriceDataError(TokenwatchError):
    """Downloaded price data failed validation; the old data stays in use."""


class OfflineError(TokenwatchError):
    """A network command was asked for while `TOKENWATCH_OFFLINE=1` forbids it."""
