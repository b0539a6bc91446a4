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
from typing import NamedTuple

import msgspec

from tokenwatch.events import RequestSeen
from tokenwatch.sources.claude_code.context import AHEAD_AT, NEVER, Context
from tokenwatch.sources.claude_code.ends import read_message, read_record
from tokenwatch.sources.claude_code.facts import Facts
from tokenwatch.sources.claude_code.fold import SYNTHETIC, model_name
from tokenwatch.sources.claude_code.locate import Place
from tokenwatch.sources.claude_code.records import Envelope, decode, is_unique
from tokenwatch.sources.tail import Stretch
from tokenwatch.sources.values import Oddities, instant_ms

_ID = rb'"[^"\\]{1,64}"'
_BULK = re.compile(
    rb'(?:"(?:promptId|agentId)":%b,){0,2}(?:"attachment":\{"|"type":"system",|"type":"user",'
    rb'"message":\{"role":"user","content":(?:"(?!Your response above)|\[\{'
    rb'(?:"tool_use_id":"|"type":"tool_result",)))' % _ID
)
"""What follows `ahead` in records that are no answers and don't tell that one was cut off."""
_ANSWER = re.compile(
    rb'(?:"agentId":%b,)?"message":\{'
    rb'(?:"model":"(?P<model>[^"\\]{1,200})","id":"(?P<id>[^"\\]{1,200})",'
    rb'"type":"message","role":"assistant"|'
    rb'"id":"(?P<id2>[^"\\]{1,200})","type":"message","role":"assistant",'
    rb'"model":"(?P<model2>[^"\\]{1,200})"),"content":\[' % _ID
)
_MESSAGE_END = re.compile(
    rb'\},"(?:requestId|apiBlockIndex|toolInputStreamMs|thinkingDurationMs)":'
)
_SNAPSHOT = b'{"type":"file-history-'
"""How lines begin that hold nothing for the usage pass, and can be long."""
_STOP, _UNFINISHED = b'"stop_reason":', b'"stop_reason":null,'
_REQUEST, _NAME, _TIME = b'},"requestId":"', b'","type":"assistant","uuid":"', b'","timestamp":"'
_TORN = b'{"parentUuid":'
"""Within a line, it begins a record behind one that broke off."""
_LAUNCH = b'"Task"'
_UUID, _STAMP = 36, 24
_SHIFT = 128
"""How much further from its line's end a usage may begin than in the record before."""


class _Place(NamedTuple):
    """Where things are in a record of an answer, and what it says of itself."""

    number: int
    start: int
    told: int
    """Where `stop_reason` begins, and with it what the record tells of the answer's end."""
    end: int
    """Behind the message."""
    stop: int
    uuid: str
    stamp: str
    attribution: str | None


class _Unknown(Exception):
    """A record is of a form that has to be read with care."""


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
        self._id, self._model = "", ""
        self._begins = self._told = NEVER
        """How records of the latest answer begin; how its last one goes on, up to its id."""
        self._told_ahead = self._end_ahead = 0
        """How far before the line's end that stood there, and the message's end."""
        self._records: list[_Place] = []
        """Records of the latest answer that differ in what they tell, still to be decoded."""
        self._request: RequestSeen | None = None
        self._uuid = self._last = self._latest = ""
        """Of answers' records: the last one's id, its time, the latest time."""
        self._attribution: str | None = None
        self._passed: tuple[int, int] | None = None
        """The last line, if it was passed over: its time may be the file's last one."""

    def walk(self, lines: Stretch) -> int:
        """Read whole lines; return the number of the last one."""
        data, start, end, number = lines
        find, context, number = data.find, self.context, number - 1
        while start < end:
            stop = find(b"\n", start, end)
            if stop < 0:
                stop = end
            number += 1
            at = start + AHEAD_AT
            if not data.startswith(context.ahead, at):
                taken = data.startswith(_SNAPSHOT, start)
            elif not data.endswith(context.behind, start, stop):
                taken = False
            elif data.startswith(self._begins, at):
                taken = self._further(data, number, start, stop)
            elif _BULK.match(data, at + len(context.ahead), stop):
                self._passed = start, stop
                taken = True
            else:
                taken = self._first(data, number, start, stop)
            if not taken:
                self._settle(data)
                self._take(number, bytes(data[start:stop]).rstrip(b"\r\n"))
            start = stop + 1
        self._settle(data)
        return number

    def _first(self, data: bytearray, number: int, start: int, stop: int) -> bool:
        """Take the first record of an answer; False for any other line."""
        self._flush(data)
        self._begins = NEVER
        at = start + AHEAD_AT
        head = _ANSWER.match(data, at + len(self.context.ahead), stop)
        if head is None:
            return False
        try:
            identifier = (head["id"] or head["id2"]).decode()
            model = (head["model"] or head["model2"]).decode()
        except UnicodeDecodeError:
            return False
        if model == SYNTHETIC or not is_unique(identifier):
            return False
        place = self._place(data, number, start, head.end(), stop)
        if place is None:
            return False
        self._id, self._model = identifier, model
        self._begins = bytes(data[at : head.end()])
        self._note(place)
        return True

    def _further(self, data: bytearray, number: int, start: int, stop: int) -> bool:
        """Take a further record of the latest answer; False if it is of an unknown form."""
        body = start + AHEAD_AT + len(self._begins)
        told = stop - self._told_ahead
        if data.startswith(self._told, told) and not self._launches(data, body, told):
            uuid = told + len(self._told)
            stamp = uuid + _UUID + len(_TIME)
            if data.startswith(_TIME, uuid + _UUID):
                self._time(
                    data[uuid : uuid + _UUID].decode(errors="replace"),
                    data[stamp : stamp + _STAMP].decode(errors="replace"),
                )
                return True
        place = self._place(data, number, start, body, stop)
        if place is None:
            return False
        self._note(place)
        return True

    def _place(
        self, data: bytearray, number: int, start: int, body: int, stop: int
    ) -> _Place | None:
        """Find the ends of an answer's record; None if it is of an unknown form.

        Were a `stop_reason` of the content taken for the message's, then brackets would be left
        open, and nothing be decoded of what follows it.
        """
        told = data.find(_STOP, max(body, stop - self._told_ahead - _SHIFT), stop)
        if told < 0:
            told = data.rfind(_STOP, body, stop)
        if told < 0 or self._launches(data, body, told) or data.find(_TORN, body, told) >= 0:
            return None
        end = stop - self._end_ahead
        if end <= told or not data.startswith(_REQUEST, end - 1):
            over = _MESSAGE_END.search(data, told, stop)
            if over is None:
                return None
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
            self._told = bytes(data[told:uuid])
            return _Place(
                number, start, told, end, stop,
                data[uuid : uuid + _UUID].decode(errors="replace"),
                data[stamp : stamp + _STAMP].decode(errors="replace"),
                None,
            )  # fmt: skip
        self._told = NEVER
        try:
            record = read_record(b"{" + data[end + 1 : stop])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if not record.is_plain:
            return None
        return _Place(
            number, start, told, end, stop, record.uuid, record.timestamp, record.attributionAgent
        )

    def _launches(self, data: bytearray, body: int, told: int) -> bool:
        """Tell whether the content may launch a subagent whose records follow in this file."""
        return self.context.may_launch and data.find(_LAUNCH, body, told) >= 0

    def _note(self, place: _Place) -> None:
        self._records.append(place)
        self._attribution = place.attribution or self._attribution
        self._time(place.uuid, place.stamp)

    def _time(self, uuid: str, stamp: str) -> None:
        if self.context.summaries:
            self._facts.see_id(uuid, answer=True)
        self._passed = None
        self._uuid, self._last = uuid, stamp
        if stamp > self._latest:
            self._latest = stamp

    def _flush(self, data: bytearray) -> None:
        """Make a request of the latest answer's records, as far as they may be the best one."""
        records, self._records = self._records, []
        if not records:
            return
        finals = [p for p in records if not data.startswith(_UNFINISHED, p.told)]
        try:
            for place in finals or records:
                self._request = self._made(data, place, records[0])
                self._add(self._request)
        except (_Unknown, msgspec.MsgspecError, UnicodeDecodeError):
            for place in records:
                self._take(place.number, bytes(data[place.start : place.stop]))

    def _made(self, data: bytearray, place: _Place, first: _Place) -> RequestSeen:
        message = read_message(b"{" + data[place.told : place.end])
        at_ms = instant_ms(first.stamp, self._now_ms)
        usage = message.usage
        if at_ms is None or usage.iterations and usage.has_extras:
            raise _Unknown
        terms = usage.terms
        final = message.stop_reason is not None
        return RequestSeen(
            id=self._id,
            session_id=self.context.session_id,
            agent_id=self._agent_id or self.context.session_id,
            at_ms=at_ms,
            line=first.number,
            model=model_name(self._model),
            usage=usage.usage,
            usage_line=place.number,
            final=final,
            lower_bound=not final,
            speed=terms.speed,
            service_tier=terms.service_tier,
            geo=terms.geo,
            web_searches=terms.web_searches,
        )

    def _settle(self, data: bytearray) -> None:
        """Say all that is known: another way of reading follows, or the buffer is used again."""
        self._flush(data)
        for stamp in dict.fromkeys((self._latest, self._last)) if self._last else ():
            at_ms = instant_ms(stamp, self._now_ms)
            if at_ms is not None:
                self._facts.see_answer(at_ms, self._attribution)
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
