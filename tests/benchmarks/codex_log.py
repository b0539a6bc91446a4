"""Rollouts as Codex writes them, with what makes their usage hard to count.

Totals are cumulative and repeated whenever the quota is told; a fork's file begins with its
parent's records at new times, and its totals go on from the parent's; newer versions say each
response's usage twice, in a record of its own and in the totals.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.benchmarks.filler import WORDS, filler, pick, size_of, stamp, token, uuid7
from tests.benchmarks.truth import Truth

MODELS = (("gpt-5.2-codex", 40), ("gpt-5.1-codex", 40), ("gpt-5-codex", 20))
PROJECTS = ("/home/dev/app", "/home/dev/api", "/home/dev/site")
NAMES = (
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
)
NEWEST = "0.169.0"
COMPACT_AT = 190_000
COPIED_AT_MOST = 4_000_000
DROPPED = re.compile(r'"payload":\{"type":"(reasoning|function_call|function_call_output)"')
"""What a fork does not take over."""
Counts = tuple[int, ...]
"""In the order of NAMES: input with what was cached, output with reasoning."""


class CodexSession:
    """Writes one thread of about `size` bytes."""

    def __init__(
        self,
        root: Path,
        rng: Random,
        start_ms: int,
        end_ms: int,
        size: int,
        truth: Truth,
        *,
        forked: bool = False,
    ) -> None:
        """forked: `resume` will be called, which the newest version does without copying."""
        self._root, self.rng, self.truth, self.now_ms = root, rng, truth, start_ms
        self._end_ms, self._wanted, self._forked = end_ms, size, forked
        self.version = rng.choice(("0.119.0", "0.134.0", "0.134.0" if forked else NEWEST))
        self.model, self.cwd = pick(rng, MODELS), rng.choice(PROJECTS)
        self._total: Counts = (0,) * 5
        self._context = 9_000
        self._turn = ""
        self._begin()

    def _begin(self) -> None:
        self.id = self.tree = uuid7(self.rng, self.now_ms)
        at = datetime.fromtimestamp(self.now_ms // 1000, UTC)
        day = self._root / "sessions" / f"{at:%Y}" / f"{at:%m}" / f"{at:%d}"
        self.path = day / f"rollout-{at:%Y-%m-%dT%H-%M-%S}-{self.id}.jsonl"
        self._lines: list[str] = []
        self._size = self._ordinal = 0

    # Files ----------------------------------------------------------------------------------

    def write(self) -> None:
        """Write the whole thread, and at times a subagent's."""
        self.begin()
        self._go_on()
        self.truth.count("sessions")
        if self._wanted > 60_000 and (self._forked or self.rng.random() < 0.3):
            self._subagent(self._wanted // 5)

    def begin(self) -> None:
        """Write the header."""
        self._meta('"source":"cli"')

    def _go_on(self) -> None:
        while self._size < self._wanted:
            self.turn()
        self.flush()

    def flush(self) -> None:
        """Append the lines that wait, and let the file be as old as its last one."""
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        data = "".join(f"{line}\n" for line in self._lines).encode()
        with self.path.open("ab") as out:
            out.write(data)
        os.utime(self.path, ns=(self.now_ms * 1_000_000,) * 2)
        self.truth.count("bytes", len(data))
        self.truth.count("files", int(new))
        self._lines = []

    def resume(self, share: float, size: int) -> None:
        """Fork: a new thread that begins with the parent's records at the time of the fork."""
        data = self.path.read_bytes()
        end = data.rfind(b"\n", 0, min(int(len(data) * share), COPIED_AT_MOST)) + 1
        parent = self.id
        self._wait(900)
        self._begin()
        self._wanted, self._total = size, (0,) * 5
        self._meta(f'"forked_from_id":"{parent}","source":"cli"')
        copied = 0
        for line in data[:end].decode().splitlines():
            if DROPPED.search(line[:200]):
                continue
            self._lines.append(f'{{"timestamp":"{stamp(self.now_ms)}"{line[line.index(",") :]}')
            found = re.search(r'"total_token_usage":(\{[^}]*\}),"last', line)
            if found and '"type":"token_count"' in line[:120]:
                total = tuple(json.loads(found[1]).values())
                copied += total != self._total
                self._total = total
        self.truth.count("copies", copied)
        self.now_ms += 40
        self._go_on()
        self.truth.count("sessions")

    def _subagent(self, size: int) -> None:
        """Write a thread that this one started: it counts from zero, nothing is copied."""
        kept = (self.id, self.path, self._wanted, self._total, self._context)
        parent, tree = self.id, self.tree
        self._begin()
        self.tree = tree
        self._wanted, self._total, self._context = size, (0,) * 5, 9_000
        spawn = f'"parent_thread_id":"{parent}","depth":1,"agent_nickname":"Ada"'
        self._meta(
            f'"parent_thread_id":"{parent}","thread_source":"subagent",'
            f'"source":{{"subagent":{{"thread_spawn":{{{spawn}}}}}}}'
        )
        self._go_on()
        self.truth.count("subagents")
        self.id, self.path, self._wanted, self._total, self._context = kept

    # Records --------------------------------------------------------------------------------

    def _wait(self, seconds: float) -> None:
        wanted = self.now_ms + int(seconds * 1000)
        self.now_ms = wanted if wanted < self._end_ms else self.now_ms + 1

    def _add(self, kind: str, payload: str) -> None:
        number = f'"ordinal":{self._ordinal},' if self.version == NEWEST else ""
        at = f'{{"timestamp":"{stamp(self.now_ms)}",'
        line = f'{at}{number}"type":"{kind}","payload":{payload}}}'
        self._ordinal += 1
        self._lines.append(line)
        self._size += len(line) + 1

    def _event(self, payload: str) -> None:
        self._add("event_msg", f"{{{payload}}}")

    def _item(self, payload: str) -> None:
        self._add("response_item", f"{{{payload}}}")

    def _message(self, role: str, words: str) -> None:
        kind = "output_text" if role == "assistant" else "input_text"
        content = f'[{{"type":"{kind}","text":"{words}"}}]'
        self._item(f'"type":"message","role":"{role}","content":{content}')

    def _done(self, item: str) -> None:
        """Write an event of the newest version, for what older ones have events of their own."""
        self._event(
            f'"type":"item_completed","thread_id":"{self.id}","turn_id":"{self._turn}",'
            f'"item":{{{item}}},"started_at_ms":{self.now_ms},"completed_at_ms":{self.now_ms}'
        )

    def _meta(self, about: str) -> None:
        tree = f'"session_id":"{self.tree}",' if self.version != "0.119.0" else ""
        pages = ',"history_mode":"paginated"' if self.version == NEWEST else ""
        self._add(
            "session_meta",
            f'{{{tree}"id":"{self.id}",{about},"timestamp":"{stamp(self.now_ms)}",'
            f'"cwd":"{self.cwd}","originator":"codex_cli_rs","cli_version":"{self.version}",'
            f'"model_provider":"openai"{pages},"base_instructions":'
            f'{{"text":"{filler().text(self.rng, 14_000)}"}},"git":{{"branch":"main"}}}}',
        )

    def turn(self) -> None:
        """Write a prompt, and everything until the agent waits again."""
        rng = self.rng
        self._wait(size_of(rng, 100, 1.3, 4, 30_000))
        started = self.now_ms
        self._turn = uuid7(rng, started)
        turn = f'"turn_id":"{self._turn}"'
        self._event(
            f'"type":"task_started",{turn},"started_at":{started // 1000},'
            '"model_context_window":258400,"collaboration_mode_kind":"default"'
        )
        if self._ordinal < 4:
            self._message("developer", filler().text(rng, 4_000))
            rules = f"<INSTRUCTIONS>\\n{filler().text(rng, 3_000)}</INSTRUCTIONS>"
            self._message("user", f"# AGENTS.md instructions for {self.cwd}\\n\\n{rules}")
            self._event('"type":"token_count","info":null,"rate_limits":null')
        self._add(
            "turn_context",
            f'{{{turn},"cwd":"{self.cwd}","approval_policy":"on-request","model":"{self.model}",'
            '"effort":"high","summary":"auto","sandbox_policy":{"type":"workspace-write"}}',
        )
        self._say_prompt()
        for _ in range(1 + min(50, int(rng.expovariate(1 / 8)))):
            self.response()
            if self._size > self._wanted:
                break
        self._say_answer(f'{turn},"started_at":{started // 1000}')
        if self._context > COMPACT_AT:
            self._compact()

    def _say_prompt(self) -> None:
        rng = self.rng
        words = filler().title(rng) + "\\n" + filler().text(rng, size_of(rng, 120, 1.3, 5, 9_000))
        self._message("user", words)
        if self.version == NEWEST:
            content = f'[{{"type":"text","text":"{words}","text_elements":[]}}]'
            item = token(rng, "item_", 20)
            self._done(f'"type":"UserMessage","id":"{item}","content":{content}')
        else:
            self._event(f'"type":"user_message","message":"{words}","images":[]')
        self.truth.count("prompts", int(self.id == self.tree))

    def _say_answer(self, turn: str) -> None:
        words = filler().text(self.rng, size_of(self.rng, 900, 0.8, 30, 8_000))
        self._wait(2)
        if self.version != NEWEST:
            self._event(f'"type":"agent_message","message":"{words}","phase":"final_answer"')
        self._message("assistant", words)
        self._event(
            f'"type":"task_complete",{turn},"last_agent_message":"{words}",'
            f'"completed_at":{self.now_ms // 1000}'
        )

    def _compact(self) -> None:
        old = f'{{"type":"message","role":"user","content":"{filler().text(self.rng, 3_000)}"}}'
        history = ",".join([old] * 5)
        summary = filler().text(self.rng, 5_000)
        self._add("compacted", f'{{"message":"{summary}","replacement_history":[{history}]}}')
        self._event('"type":"context_compacted"')
        self._context = 25_000

    def response(self) -> None:
        """Write one response: what was thought, a call, its usage, the call's output."""
        rng = self.rng
        self._wait(rng.uniform(1, 12))
        secret = filler().blob(rng, size_of(rng, 1_800, 0.7, 600, 15_000))
        self._item(f'"type":"reasoning","summary":[],"encrypted_content":"gAAAAA{secret}"')
        call_id = token(rng, "call_", 24)
        arguments = f'{{\\"cmd\\":\\"cat lib/{rng.choice(WORDS)}.py\\"}}'
        call = f'"name":"exec_command","arguments":"{arguments}","call_id":"{call_id}"'
        self._item(f'"type":"function_call",{call}')
        self._usage()
        self._wait(rng.uniform(0.1, 6))
        output = filler().text(rng, size_of(rng, 3_000, 1.25, 60, 60_000))
        head = "Wall time: 0.1 seconds\\nProcess exited with code 0\\nOutput:\\n"
        body = f'"call_id":"{call_id}","output":"{head}{output}"'
        self._item(f'"type":"function_call_output",{body}')

    def _usage(self) -> None:
        rng = self.rng
        new = size_of(rng, 1_700, 1.0, 90, 20_000)
        reasoning = size_of(rng, 170, 1.0, 0, 9_000)
        output = reasoning + size_of(rng, 150, 1.0, 9, 8_000)
        last = (self._context + new, self._context, output, reasoning, self._context + new + output)
        self._total = tuple(a + b for a, b in zip(self._total, last, strict=True))
        usage = {"input": new, "cache_read": self._context}
        self.truth.request(usage | {"output": output, "reasoning": reasoning})
        self._context += new
        if self.version == NEWEST:
            self._add(
                "token_usage_record",
                f'{{"thread_id":"{self.id}","turn_id":"{self._turn}","session_id":"{self.tree}",'
                f'"response_id":"{token(rng, "resp_", 30)}","usage":{_counts(last)},'
                f'"thread_token_usage":{_counts(self._total)}}}',
            )
        used = rng.randrange(10, 900) / 10
        quota = (
            f'"limit_id":"codex","primary":{{"used_percent":{used},"window_minutes":300,'
            f'"resets_at":{self.now_ms // 1000 + 9_000}}},"secondary":null,"plan_type":"pro"'
        )
        told = (
            f'"type":"token_count","info":{{"total_token_usage":{_counts(self._total)},'
            f'"last_token_usage":{_counts(last)},"model_context_window":258400}},'
            f'"rate_limits":{{{quota}}}'
        )
        for _ in range(2 if rng.random() < 0.3 else 1):
            self._event(told)
            self.truth.count("records")


def _counts(values: Counts) -> str:
    return "{" + ",".join(f'"{n}":{v}' for n, v in zip(NAMES, values, strict=True)) + "}"
