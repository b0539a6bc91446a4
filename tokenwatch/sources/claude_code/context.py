"""What the lines of a file say of their session, in the very bytes in which they say it."""

from __future__ import annotations

import re

from tokenwatch.model import AgentKind
from tokenwatch.sources.claude_code.facts import writes_summaries
from tokenwatch.sources.claude_code.locate import Place
from tokenwatch.sources.claude_code.records import Envelope
from tokenwatch.sources.claude_code.sidechains import may_have_sidechains

NEVER = b"\n"
"""No line begins with it, or ends."""
AHEAD_AT = len('{"parentUuid":"00000000-0000-0000-0000-000000000000"')
"""Where `ahead` begins in a line."""

_FIELDS = rb'"userType":"[^"\\]*"(?:,"%b":(?:"[^"\\]*"|-?\d+|null|true|false))*'
_EARLY = rb"(?:entrypoint|cwd|sessionId|version|gitBranch|agentId|slug|sessionKind|teamName)"
"""Fields ahead of the content that every record of a file repeats."""
_AHEAD = re.compile(
    rb'\{"parentUuid":"[0-9a-f-]{36}"(?P<ahead>,"isSidechain":(?:true|false),'
    rb"(?P<early>%b,)?)" % (_FIELDS % _EARLY)
)
_BEHIND = re.compile(_FIELDS % rb"\w+" + rb"\}$")
_VARIES = b',"attribution'
"""Fields that one record has and the next has not, wherever they stand."""
_NAMED = (b'"sessionId":', b'"version":', b'"cwd":', b'"gitBranch":')


class Context:
    """What a line says around its content, as a record told that was read with care.

    Newer versions name the session and the rest behind the content, older ones ahead of it.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._forget()

    def _forget(self) -> None:
        self.ahead = self.behind = NEVER
        self.session_id = ""
        self.may_launch = True
        """Subagents' records may lie among those of their session."""
        self.summaries = False
        """Summaries may follow, which name a record by its id."""

    def learn(self, record: Envelope, line: bytes) -> None:
        """Take what a line says, if lines that say the same may be judged by that."""
        self._forget()
        session, found = record.sessionId, _AHEAD.match(line)
        if found is None or not isinstance(session, str) or record.forkedFrom is not None:
            return
        main = self._place.kind is AgentKind.MAIN
        if main and (session != self._place.session_id or record.isSidechain is not False):
            return
        late = _BEHIND.match(line, max(0, line.rfind(b'"userType":')))
        told = found["early"] or (late[0] if late else b"")
        if all(name in told for name in _NAMED) and _VARIES not in told:
            self.ahead = found["ahead"]
            self.behind = b"}" if found["early"] else b"," + told
            self.session_id = session
            self.may_launch = may_have_sidechains(record.version)
            self.summaries = writes_summaries(record.version)
