"""The fast way through a transcript: most lines are judged by their ends, and never decoded.

Nearly all bytes are what tools returned and what models wrote. All that the usage pass wants to
know stands ahead of them and behind them: a record's own fields, an answer's `id`, `model` and
`usage`. So lines are taken here that look exactly as the program writes them and that say of their
session, folder, branch and version the very bytes that a record did which was read with care:

* prompts, results of tools, attachments and notes of the program are passed over;
* of the records of one answer those are decoded whose usage may be the best, of their ends.

Every other line is read with care, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from tokenwatch.attribution import Attribution
from tokenwatch.events import RequestSeen
from tokenwatch.sources.claude_code.context import AHEAD_AT, NEVER, Context
from tokenwatch.sources.claude_code.ends import MessageEnd, read_message, read_record
from tokenwatch.sources.claude_code.facts import Facts
from tokenwatch.sources.claude_code.fold import EXTRA, SYNTHETIC, model_name, read_attribution
from tokenwatch.sources.claude_code.locate import Place
from tokenwatch.sources.claude_code.records import Envelope, decode, is_unique
from tokenwatch.sources.tail import Stretch
from tokenwatch.sources.values import Oddities, instant_ms

_ID = rb'"[^"\\]{1,64}"'
_BULK = re.compile(
    rb'(?:"(?:promptId|agentId)":%b,){0,2}'
    rb'(?:"attachment":\{"|"type":"system",|"subtype":"|(?:"type":"user",)?'
    rb'"message":\{"role":"user","content":(?:"(?!Your response above)|\[\{'
    rb'(?:"tool_use_id":"|"type":"tool_result",)))' % _ID
)
"""What follows `ahead` in records that are no answers and don't tell that one was cut off."""
_ANSWER = re.compile(
    rb'(?:"agentId":%b,)?"message":\{'
    rb'(?:"model":"(?P<model>[^"\\\x00-\x1f]{1,200})","id":"(?P<id>[^"\\\x00-\x1f]{1,200})",'
    rb'"type":"message","role":"assistant"|'
    rb'"id":"(?P<id2>[^"\\\x00-\x1f]{1,200})","type":"message","role":"assistant",'
    rb'"model":"(?P<model2>[^"\\\x00-\x1f]{1,200})"),"content":\[' % _ID
)
_MESSAGE_END = re.compile(
    rb'\},"(?:requestId|apiBlockIndex|toolInputStreamMs|thinkingDurationMs)":'
)
_EXTRAS = re.compile(rb'"type":"(?:%b)"' % "|".join(EXTRA).encode())
"""Requests beyond the answer's own: they count whatever record tells of them."""
_SNAPSHOT = b'{"type":"file-history-'
"""How lines begin that hold nothing for the usage pass, and can be long."""
_STOP, _UNFINISHED = b'"stop_reason":', b'"stop_reason":null,'
_REQUEST, _NAME, _TIME = b'},"requestId":"', b'","type":"assistant","uuid":"', b'","timestamp":"'
_TORN = b'{"parentUuid":'
"""Within a line, it begins a record behind one that broke off."""
_LAUNCH = b'"Task"'
_UUID, _STAMP = 36, 24
_SHIFT = 64
"""How much further from its line's end a usage may begin than in the record before."""


class Skim:
    """Walks the lines of one file."""

    def __init__(
        self,
        place: Place,
        facts: Facts,
        now_ms: int,
        *,
        add: Callable[[RequestSeen], None],
        answered: Callable[[str, RequestSeen], None],
        take: Callable[[int, bytes], None],
    ) -> None:
        """Know nothing of the file yet.

        add: takes a request, in the order of the records. answered: is told the id of the latest
        answer's last record, and the request. take: reads a line with care.
        """
        self.context = Context(place)
        self._agent_id = place.agent_id
        self._facts = facts
        self._now_ms = now_ms
        self._add = add
        self._answered = answered
        self._take = take
        self._id = ""
        self._model: str | None = None
        self._begins = NEVER
        """How records of the latest answer begin, from behind `parentUuid` up to their content."""
        self._told_ahead = self._end_ahead = 0
        """How far before its last line's end the answer's end began, and the message ended."""
        self._best: list[tuple[int, int, int]] = []
        """Its records that may be the best one: number, and from where to where they tell of the
        answer's end."""
        self._first = 0, ""
        """Number and time of its first record."""
        self._lines: list[tuple[int, int, int]] = []
        """Number, start and end of its records, should they have to be read with care."""
        self._request: RequestSeen | None = None
        self._uuid = self._last = self._latest = ""
        """Of answers' records: the last one's id, its time, the latest time."""
        self._agent_type: str | None = None
        """What an answer's record last told of it."""
        self._made_for: Attribution | None = None
        """What the latest answer's records tell together."""
        self._passed: tuple[int, int] | None = None
        """The last line, if it was passed over: its time may be the file's last one."""

    def walk(self, lines: Stretch) -> int:
        """Read whole lines; return the number of the last one."""
        data, start, end, number = lines
        find, starts, context, number = data.find, data.startswith, self.context, number - 1
        while start < end:
            stop = find(b"\n", start, end)
            if stop < 0:
                stop = end
            number += 1
            at = start + AHEAD_AT
            if not starts(context.ahead, at):
                taken = starts(_SNAPSHOT, start)
            elif not data.endswith(context.behind, start, stop):
                taken = False
            elif starts(self._begins, at):
                taken = self._record(data, number, start, at + len(self._begins), stop)
            elif _BULK.match(data, at + len(context.ahead), stop):
                self._passed = start, stop
                taken = True
            else:
                taken = self._answer(data, number, start, stop)
            if not taken:
                self._settle(data)
                self._take(number, bytes(data[start:stop]).rstrip(b"\r\n"))
            start = stop + 1
        self._settle(data)
        self._begins = NEVER
        return number

    def _answer(self, data: bytearray, number: int, start: int, stop: int) -> bool:
        """Take the first record of an answer; False for any other line."""
        self._flush(data)
        self._begins = NEVER
        at = start + AHEAD_AT
        head = _ANSWER.match(data, at + len(self.context.ahead), stop)
        if head is None:
            return False
        model, identifier, identifier2, model2 = head.groups()
        try:
            self._id = (identifier or identifier2).decode()
            self._model = model_name((model or model2).decode())
        except UnicodeDecodeError:
            return False
        body = head.end()
        if self._model == SYNTHETIC or not is_unique(self._id):
            return False
        if not self._record(data, number, start, body, stop):
            return False
        self._begins = bytes(data[at:body])
        return True

    def _record(self, data: bytearray, number: int, start: int, body: int, stop: int) -> bool:
        """Take a record of the latest answer; False if it is of an unknown form.

        Were a `stop_reason` of the content taken for the message's, then brackets would be left
        open, and nothing be decoded of what follows it.
        """
        told = data.find(_STOP, max(body, stop - self._told_ahead - _SHIFT), stop)
        if told < 0 and (told := data.rfind(_STOP, body, stop)) < 0:
            return False
        if data.find(_TORN, body, told) >= 0:
            return False
        if self.context.may_launch and data.find(_LAUNCH, body, told) >= 0:
            return False
        end = stop - self._end_ahead
        if end <= told or not data.startswith(_REQUEST, end - 1):
            over = _MESSAGE_END.search(data, told, stop)
            if over is None:
                return False
            end = over.start() + 1
        self._told_ahead, self._end_ahead = stop - told, stop - end
        stamp = stop - len(self.context.behind) - 1 - _STAMP
        uuid = stamp - len(_TIME) - _UUID
        name = uuid - len(_NAME)
        if (
            data.startswith(_NAME, name)
            and data.startswith(_TIME, uuid + _UUID)
            and data.startswith(_REQUEST, end - 1)
            and data.find(b'"', end - 1 + len(_REQUEST), name) < 0
        ):
            self._uuid = data[uuid : uuid + _UUID].decode(errors="replace")
            self._last = data[stamp : stamp + _STAMP].decode(errors="replace")
        else:
            try:
                record = read_record(b"{" + data[end + 1 : stop])
            except (msgspec.MsgspecError, UnicodeDecodeError):
                return False
            if not record.is_plain:
                return False
            self._uuid, self._last = record.uuid, record.timestamp
            self._agent_type = record.attributionAgent or self._agent_type
            made_for = read_attribution(record)
            if made_for is not None:
                self._made_for = made_for.merged(self._made_for)
        if self._last > self._latest:
            self._latest = self._last
        if self.context.summaries:
            self._facts.see_id(self._uuid, answer=True)
        self._passed = None
        self._lines.append((number, start, stop))
        self._compare(data, number, told, end)
        return True

    def _compare(self, data: bytearray, number: int, told: int, end: int) -> None:
        """Keep a record if it may be the answer's best one.

        One that repeats what the one before told is not; one that tells of the answer's end beats
        all that don't.
        """
        best = self._best
        if not best:
            self._first = number, self._last
        elif not data.startswith(_UNFINISHED, told):
            while best and data.startswith(_UNFINISHED, best[-1][1]):
                if _EXTRAS.search(data, *best[-1][1:]):
                    break
                best.pop()
        if not best or data[told:end] != data[best[-1][1] : best[-1][2]]:
            best.append((number, told, end))

    def _flush(self, data: bytearray) -> None:
        """Say what the latest answer was; where that can't be decoded, read all of it with care."""
        if not self._best:
            return
        best, self._best = self._best, []
        lines, self._lines = self._lines, []
        made_for, self._made_for = self._made_for, None
        at_ms = instant_ms(self._first[1], self._now_ms)
        try:
            ends = [read_message(b"{" + data[told:end]) for _, told, end in best]
        except (msgspec.MsgspecError, UnicodeDecodeError):
            at_ms = None
        if at_ms is None or _has_extras(ends):
            self._request = None
            for number, start, stop in lines:
                self._take(number, bytes(data[start:stop]))
            return
        session, first = self.context.session_id, self._first[0]
        agent = self._agent_id or session
        for index, (number, _, _) in enumerate(best):
            usage, stop_reason = ends[index].usage, ends[index].stop_reason
            speed, service_tier, geo, web_searches = usage.terms
            self._request = RequestSeen(
                id=self._id,
                session_id=session,
                agent_id=agent,
                at_ms=at_ms,
                line=first,
                model=self._model,
                usage=usage.usage,
                usage_line=number,
                final=stop_reason is not None,
                lower_bound=stop_reason is None,
                speed=speed,
                service_tier=service_tier,
                geo=geo,
                web_searches=web_searches,
                attribution=made_for,
            )
            self._add(self._request)

    def _settle(self, data: bytearray) -> None:
        """Say all that is known: another way of reading follows, or the buffer is used again."""
        self._flush(data)
        for stamp in dict.fromkeys((self._latest, self._last)) if self._last else ():
            at_ms = instant_ms(stamp, self._now_ms)
            if at_ms is not None:
                self._facts.see_answer(at_ms, self._agent_type)
        self._latest = self._last = ""
        if self._request is not None:
            self._answered(self._uuid, self._request)
            self._request = None
        if self._passed is not None:
            start, stop = self._passed
            self._passed = None
            record = decode(Envelope, bytes(data[start:stop]), 0, Oddities(), count=False)
            at_ms = None if record is None else instant_ms(record.timestamp, self._now_ms)
            if at_ms is not None:
                self._facts.see_time(at_ms, answer=False)
            if self.context.summaries and record is not None and isinstance(record.uuid, str):
                self._facts.see_id(record.uuid, answer=False)


def _has_extras(ends: list[MessageEnd]) -> bool:
    return any(end.usage.iterations and end.usage.has_extras for end in ends)
