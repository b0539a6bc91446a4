"""Transcripts as Claude Code writes them, with what makes their usage hard to count.

An answer has a record for each of its blocks, all with a usage; a resumed session begins with
copies of the old one's records; subagents have files of their own, and their parent's file holds
a usage of theirs that is no sum; tools print lines that look like records.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.benchmarks.filler import WORDS, filler, pick, size_of, stamp, token, uuid4
from tests.benchmarks.truth import Sums, Truth

MODELS = (
    ("claude-opus-4-5-20251101", 40),
    ("claude-sonnet-4-5-20250929", 40),
    ("claude-haiku-4-5-20251001", 20),
)
PROJECTS = ("/home/dev/app", "/home/dev/api", "/home/dev/infra", "/home/dev/lib/parser")
TOOLS = (("Bash", 38), ("Read", 30), ("Edit", 16), ("Grep", 12), ("Image", 1))
COMPACT_AT = 150_000
COPIED_AT_MOST = 6_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """How a version writes: `old` order of keys, output that grows from record to record."""

    version: str
    old: bool
    grows: bool


CLIENTS = (
    Client(version="2.1.38", old=True, grows=True),
    Client(version="2.1.126", old=False, grows=True),
    Client(version="2.1.330", old=False, grows=False),
)


class ClaudeSession:
    """Writes one session of about `size` bytes, subagents included."""

    def __init__(
        self, root: Path, rng: Random, start_ms: int, end_ms: int, size: int, truth: Truth
    ) -> None:
        self.rng, self.truth, self.now_ms = rng, truth, start_ms
        self._end_ms, self._wanted = end_ms, size
        self.client = rng.choice(CLIENTS)
        self.model = pick(rng, MODELS)
        self.cwd = rng.choice(PROJECTS)
        self._folder = root / "projects" / re.sub(r"[^A-Za-z0-9]", "-", self.cwd)
        self._context = 15_000
        self._prompt = uuid4(rng)
        self._begin()

    def _begin(self) -> None:
        self.id = uuid4(self.rng)
        self.path = self._folder / f"{self.id}.jsonl"
        self._agent: str | None = None
        self._parent = "null"
        self._lines: list[str] = []
        self._size = 0

    # Files ----------------------------------------------------------------------------------

    def write(self) -> None:
        """Write the whole session."""
        self._add(f'{{"type":"mode","mode":"normal","sessionId":"{self.id}"}}')
        while self._size < self._wanted:
            self.turn()
            if len(self._lines) > 2_000:
                self.flush(self.path)
        title = filler().title(self.rng)
        self._add(f'{{"type":"ai-title","aiTitle":"{title}","sessionId":"{self.id}"}}')
        self.flush(self.path)
        self.truth.count("sessions")

    def flush(self, path: Path) -> None:
        """Append the lines that wait, and let the file be as old as its last one."""
        new = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        data = "".join(f"{line}\n" for line in self._lines).encode()
        with path.open("ab") as out:
            out.write(data)
        os.utime(path, ns=(self.now_ms * 1_000_000,) * 2)
        self.truth.count("bytes", len(data))
        self.truth.count("files", int(new))
        self._lines = []

    def resume(self, share: float, size: int) -> None:
        """Go on in a new file that begins with copies of this one's records."""
        data = self.path.read_bytes()
        end = data.rfind(b"\n", 0, min(int(len(data) * share), COPIED_AT_MOST)) + 1
        old, marked = self.id, not self.client.old
        self._begin()
        copied = set()
        for line in data[:end].decode().splitlines():
            line = line.replace(f'"sessionId":"{old}"', f'"sessionId":"{self.id}"')
            found = re.search(r'"uuid":"([^"]*)","timestamp"', line) if marked else None
            if found:
                origin = f'"forkedFrom":{{"sessionId":"{old}","messageUuid":"{found[1]}"}}'
                line = f"{line[:-1]},{origin}}}"
            if '"requestId":"req_' in line and (answer := re.search(r'"id":"(msg_\w+)"', line)):
                copied.add(answer[1])
            self._lines.append(line)
        self.truth.count("copies", len(copied))
        self._wanted = size
        self.write()

    # Records --------------------------------------------------------------------------------

    def _add(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line) + 1

    def _wait(self, seconds: float) -> None:
        wanted = self.now_ms + int(seconds * 1000)
        self.now_ms = wanted if wanted < self._end_ms else self.now_ms + 1

    def _record(self, kind: str, body: str, tail: str = "") -> str:
        """Write a record of the conversation; return its uuid."""
        uuid = uuid4(self.rng)
        agent = f'"agentId":"{self._agent}",' if self._agent else ""
        chain = f'{{"parentUuid":{self._parent},"isSidechain":{str(bool(agent)).lower()},'
        where = (
            f'"userType":"external","cwd":"{self.cwd}","sessionId":"{self.id}",'
            f'"version":"{self.client.version}","gitBranch":"main"'
        )
        at = f'"uuid":"{uuid}","timestamp":"{stamp(self.now_ms)}"'
        if self.client.old:
            self._add(f'{chain}{where},{agent}{body},"type":"{kind}",{at}{tail}}}')
        elif kind == "user":
            prompt = f'"promptId":"{self._prompt}",'
            line = f'{chain}{agent}{prompt}"type":"user",{body},{at}{tail},"entrypoint":"cli",'
            self._add(f"{line}{where}}}")
        else:
            line = f'{chain}{agent}{body},"type":"{kind}",{at}{tail},"entrypoint":"cli",'
            self._add(f"{line}{where}}}")
        self._parent = f'"{uuid}"'
        return uuid

    def turn(self) -> None:
        """Write a prompt, and everything until the agent waits again."""
        rng = self.rng
        self._wait(size_of(rng, 80, 1.3, 4, 30_000))
        self._prompt = uuid4(rng)
        words = filler().title(rng) + "\\n" + filler().text(rng, size_of(rng, 120, 1.3, 5, 9_000))
        human = "" if self.client.old else ',"permissionMode":"default","origin":{"kind":"human"}'
        self._record("user", f'"message":{{"role":"user","content":"{words}"}}', human)
        self.truth.count("prompts")
        if rng.random() < 0.02:
            self._failure()
        for _ in range(min(50, int(rng.expovariate(1 / 7)))):
            self.answer(last=False)
            if self._size > self._wanted:
                break
            if self._wanted > 60_000 and rng.random() < 0.025:
                self._subagent(
                    min(self._wanted // 4, size_of(rng, 160_000, 0.9, 20_000, 1_500_000))
                )
        self.answer(last=True)
        self._record("system", f'"subtype":"turn_duration","durationMs":{rng.randrange(99_999)}')
        if self._context > COMPACT_AT:
            self._compact()

    def _failure(self) -> None:
        """Write what the program says when there is no answer."""
        zero = '{"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":0'
        message = (
            f'"message":{{"id":"{uuid4(self.rng)}","model":"<synthetic>","role":"assistant",'
            f'"stop_reason":"stop_sequence","type":"message","usage":{zero}}},'
            '"content":[{"type":"text","text":"API Error: 529 Overloaded"}]}'
        )
        self._record("assistant", message + ',"isApiErrorMessage":true')

    def _compact(self) -> None:
        meta = f'"compactMetadata":{{"trigger":"auto","preTokens":{self._context}}}'
        text = '"subtype":"compact_boundary","content":"Conversation compacted"'
        self._record("system", f"{text},{meta}")
        words = "This session is being continued from a previous conversation. "
        body = f'"message":{{"role":"user","content":"{words}{filler().text(self.rng, 9_000)}"}}'
        self._record("user", f'"isCompactSummary":true,"isVisibleInTranscriptOnly":true,{body}')
        self._context = 22_000

    # Answers --------------------------------------------------------------------------------

    def _next_usage(self) -> Sums:
        rng = self.rng
        written = size_of(rng, 1_300, 1.0, 60, 18_000)
        short = self._agent is not None or rng.random() < 0.2
        usage = {
            "input": rng.randrange(1, 14),
            "cache_read": self._context,
            "cache_write_5m": written if short else 0,
            "cache_write_1h": 0 if short else written,
            "output": size_of(rng, 350, 1.0, 9, 20_000),
        }
        self._context += written
        return usage

    def answer(self, *, last: bool, call: tuple[str, str, str] | None = None) -> Sums:
        """Write one answer: a record for each block, then the results of the tools it calls.

        call: the name, id and input of a call that is answered elsewhere. Returns the usage.
        """
        rng, usage = self.rng, self._next_usage()
        blocks = self._blocks(last=last)
        calls: list[tuple[str, str]] = []
        if call:
            blocks.append(_tool_use(*call))
        elif not last:
            for _ in range(1 if rng.random() < 0.8 else rng.randrange(2, 4)):
                name, call_id = pick(rng, TOOLS), token(rng, "toolu_01", 22)
                tool = "Read" if name == "Image" else name
                blocks.append(_tool_use(tool, call_id, self._input(name)))
                calls.append((name, call_id))
        self._answer_records(blocks, usage, "end_turn" if last else "tool_use")
        uuid = self._parent
        for name, call_id in calls:
            self._wait(rng.uniform(0.05, 8))
            self._result(name, call_id, uuid)
        return usage

    def _blocks(self, *, last: bool) -> list[str]:
        rng, text = self.rng, filler().text
        blocks = []
        if rng.random() < 0.5:
            signature = filler().blob(rng, size_of(rng, 600, 0.7, 200, 5_000))
            thought = text(rng, size_of(rng, 450, 0.9, 50, 7_000))
            blocks.append(f'{{"type":"thinking","thinking":"{thought}","signature":"{signature}"}}')
        if last or rng.random() < 0.4:
            words = text(rng, size_of(rng, 900 if last else 200, 0.8, 30, 8_000))
            blocks.append(f'{{"type":"text","text":"{words}"}}')
        return blocks

    def _answer_records(self, blocks: list[str], usage: Sums, reason: str) -> None:
        rng = self.rng
        answer_id, request_id = token(rng, "msg_01", 22), token(rng, "req_011C", 20)
        for number, block in enumerate(blocks, 1):
            self._wait(rng.uniform(0.2, 4))
            partial = self.client.grows and number < len(blocks)
            seen = usage | {"output": min(number, usage["output"])} if partial else usage
            why = "null" if partial else f'"{reason}"'
            self._record(
                "assistant",
                f'"message":{{"model":"{self.model}","id":"{answer_id}","type":"message",'
                f'"role":"assistant","content":[{block}],"stop_reason":{why},'
                f'"stop_sequence":null,"usage":{self._usage(seen, final=not partial)}}},'
                f'"requestId":"{request_id}"',
            )
            self.truth.count("records")
        self.truth.request(usage)

    def _usage(self, usage: Sums, *, final: bool) -> str:
        short, long = usage["cache_write_5m"], usage["cache_write_1h"]
        sums = (
            f'"input_tokens":{usage["input"]},"cache_creation_input_tokens":{short + long},'
            f'"cache_read_input_tokens":{usage["cache_read"]}'
        )
        lives = (
            f'"cache_creation":{{"ephemeral_1h_input_tokens":{long},'
            f'"ephemeral_5m_input_tokens":{short}}}'
        )
        output = f'"output_tokens":{usage["output"]}'
        if not final:
            return f'{{{sums},{lives},{output},"service_tier":"standard"}}'
        part = f'{{{sums},{output},{lives},"type":"message"}}' if not self.client.old else ""
        return (
            f'{{{sums},{output},"server_tool_use":{{"web_search_requests":0,'
            f'"web_fetch_requests":0}},"service_tier":"standard",{lives},"inference_geo":"",'
            f'"iterations":[{part}],"speed":"standard"}}'
        )

    # Tools ----------------------------------------------------------------------------------

    def _input(self, name: str) -> str:
        rng, text = self.rng, filler().text
        path = f"{self.cwd}/lib/{rng.choice(WORDS)}.py"
        match name:
            case "Bash":
                return f'{{"command":"{text(rng, size_of(rng, 90, 0.8, 10, 2_000))}"}}'
            case "Edit":
                old, new = text(rng, size_of(rng, 350, 1.0, 30, 9_000)), text(rng, 300)
                return f'{{"file_path":"{path}","old_string":"{old}","new_string":"{new}"}}'
            case "Grep":
                return f'{{"pattern":"{rng.choice(WORDS)}_","path":"{self.cwd}"}}'
            case "Image":
                return f'{{"file_path":"{self.cwd}/{rng.choice(WORDS)}.png"}}'
            case _:
                return f'{{"file_path":"{path}","offset":{rng.randrange(900)},"limit":300}}'

    def _result(self, name: str, call_id: str, answer: str) -> None:
        rng = self.rng
        size = size_of(rng, 1_700, 1.35, 60, 250_000)
        path = f"{self.cwd}/lib/{rng.choice(WORDS)}.py"
        text = filler().text(rng, size)
        content = f'"{text}"'
        match name:
            case "Bash":
                seen = f'{{"stdout":"{text}","stderr":"","interrupted":false,"isImage":false}}'
            case "Read":
                file = f'"filePath":"{path}","content":"{text}","numLines":{size // 50}'
                seen = f'{{"type":"text","file":{{{file},"startLine":1,"totalLines":999}}}}'
            case "Edit":
                content = f'"The file {path} has been updated successfully."'
                seen = (
                    f'{{"filePath":"{path}","oldString":"a","newString":"b","originalFile":'
                    f'"{text}","structuredPatch":[{{"oldStart":9,"oldLines":1,"newStart":9,'
                    f'"newLines":2,"lines":["-a","+b","+c"]}}],"userModified":false}}'
                )
            case "Grep":
                seen = f'{{"mode":"content","numFiles":0,"filenames":[],"content":"{text}"}}'
            case _:
                data = filler().blob(rng, size_of(rng, 120_000, 0.8, 4_000, 900_000) // 4 * 4)
                image = f'"type":"base64","media_type":"image/png","data":"{data}"'
                content = f'[{{"type":"image","source":{{{image}}}}}]'
                seen = f'{{"type":"image","file":{{"base64":"{data}","type":"image/png"}}}}'
        self._tool_result(call_id, content, seen, answer)

    def _tool_result(self, call_id: str, content: str, seen: str, answer: str) -> None:
        block = f'{{"tool_use_id":"{call_id}","type":"tool_result","content":{content}}}'
        self._record(
            "user",
            f'"message":{{"role":"user","content":[{block}]}}',
            f',"toolUseResult":{seen},"sourceToolAssistantUUID":{answer}',
        )

    def _subagent(self, size: int) -> None:
        """Launch a subagent, write its file, and take its result."""
        rng, asked = self.rng, filler().text(self.rng, 700)
        agent, call_id = f"a{rng.getrandbits(64):016x}", token(rng, "toolu_01", 22)
        what = f'"description":"look around","prompt":"{asked}","subagent_type":"Explore"'
        self.answer(last=False, call=("Agent", call_id, f"{{{what}}}"))
        kept = (self._agent, self._parent, self._context, self._lines, self._size)
        self._agent, self._parent, self._context = agent, "null", 8_000
        self._lines, self._size = [], 0
        self._record("user", f'"message":{{"role":"user","content":"{asked}"}}')
        while self._size < size:
            self.answer(last=False)
        usage = self.answer(last=True)
        path = self._folder / self.id / "subagents" / f"agent-{agent}.jsonl"
        self.flush(path)
        path.with_suffix(".meta.json").write_text(
            f'{{"agentType":"Explore","description":"look around","toolUseId":"{call_id}"}}'
        )
        self.truth.count("subagents")
        written = self._size
        self._agent, self._parent, self._context, self._lines, self._size = kept
        self._size += written
        found = f'[{{"type":"text","text":"{filler().text(rng, 1_500)}"}}]'
        seen = (
            f'{{"status":"completed","prompt":"{asked}","agentId":"{agent}","content":{found},'
            f'"totalDurationMs":{rng.randrange(200_000)},"totalTokens":{sum(usage.values())},'
            f'"totalToolUseCount":9,"usage":{self._usage(usage, final=True)}}}'
        )
        self._tool_result(call_id, found, seen, self._parent)


def _tool_use(name: str, call_id: str, arguments: str) -> str:
    return f'{{"type":"tool_use","id":"{call_id}","name":"{name}","input":{arguments}}}'
