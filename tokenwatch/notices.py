"""What the user should know before it is too late."""

from __future__ import annotations

from tokenwatch.analysis.expiry import expiring
from tokenwatch.format import span
from tokenwatch.sources.source import Pass
from tokenwatch.sync import Sync


def expiry_warnings(sync: Sync, now_ms: int) -> list[str]:
    """Name the logs that a client's clean-up will delete before their details have been read.

    As of the latest look at the roots.
    """
    unread = [file for file in sync.pending(Pass.DETAIL) if file.kind == "log"]
    warnings = []
    for root in sync.roots:
        files = [(f.path, f.mtime_ns // 1_000_000) for f in unread if f.root == str(root.path)]
        if not files:
            continue
        count, first = expiring(files, root.source.keeps_logs_days(root.path), now_ms)
        if first is not None:
            when = f"in {span(first - now_ms)}" if first > now_ms else "any time now"
            what = (
                f"{count} logs of {root.source.title} are"
                if count > 1
                else (f"a log of {root.source.title} is")
            )
            warnings.append(
                f"{what} not read in detail yet and may be deleted by its clean-up"
                f"{', the first' if count > 1 else ''} {when}"
            )
    return warnings
