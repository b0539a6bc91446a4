"""What kind of prompt a text is, and whether it complains, praises or moves on."""

from __future__ import annotations

import re
from typing import NamedTuple

from tokenwatch.sources.wording.folded import folded
from tokenwatch.sources.wording.lexicon import spoken
from tokenwatch.sources.wording.lexicon.compiled import Clauses, Lexicon

HEAD = 500
TAIL = 200
"""Characters of an instruction's beginning and end in which a clear complaint is looked for: what
is wrong is said first or last."""
_LOOSE_HEAD = 350
_LOOSE_TAIL = 120
"""The same for signs of one, which any long text has."""
_PRAISE = 240
"""Characters in which praise, and a word that moves on, are looked for."""
_SHORT = 180
"""Characters up to which a text with signs of a complaint is one, if it sets no task."""
_CONTROL = 80
_CHORE = 110
_CHORE_WORDS = 12
_QUESTION = 360
"""Characters that such a prompt has at most: ours."""
_PASTED = 60
"""Percent of pasted errors from which on they are the prompt."""
_MARKS = re.compile(r"[?？؟]\s*[\"')!.?？]*$")
_OPTION = re.compile(
    r"(?:(?:option|choice|number|answer|plan|opcion|opcao|opzione|variante?|вариант|выбираю|选项|选"
    r"|方案|番号|案|옵션|번|no|nr)[ .:]*)?[#(]?(?:\d{1,2}|[a-h])[).:番号번案]*"
    r"(?:\s*(?:,|and|&|\+|y|und|et|e|и|和|と|/|-|\s)\s*[#(]?(?:\d{1,2}|[a-h])[).:番号번案]*){0,7}"
    r"(?:\s*(?:please|pls|bitte|por favor|пожалуйста|で|吧|ください|です|로|으로))?[\s.!]*"
)
_THUMB = re.compile(
    r"[\s\u2600-\u27bf\U0001f300-\U0001faff\ufe0f\u200d.!]*[👍👌✅✔🙏🎉💯🚀👏🔥❤][\s\u2600-\u27bf\U0001f300-\U0001faff\ufe0f\u200d.!]*"
)
_SMILEYS = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f\u200d]+")
_TEMPER = re.compile("[👎❌😡🤬😤🤦😠🙄😞😭]")
_COMMAND = re.compile(r"/[A-Za-z][\w:.-]*(?=\s|$)")
_AUTO = re.compile(
    r"\s*(?:Implement the following plan:|Operation stopped by hook|\[Request interrupted"
    r"|This session is being continued|Hello,? memory agent|-{2,} ?MODE SWITCH|<task-notification"
    r"|<teammate-message|<cross-session-message|<system[-_]reminder|<local-command|<bash-|<hook_prompt"
    r"|<user-prompt-submit-hook|<command-(?:name|message)>|<observed|<environment_context|<turn_aborted"
    r"|<subagent_notification|<goal_context|<codex_internal|<user_instructions|<permissions instr"
    r"|\[SYSTEM NOTIFICATION|Another Claude session sent|Caveat: The messages below"
    r"|Stop hook feedback|Base directory for this skill|# AGENTS\.md instructions"
    r"|PROGRESS SUMMARY|Read HEARTBEAT"
    r"|Warmup\s*$|Your task is to create a detailed summary of the conversation"
    r"|Please continue the conversation from where we left it|\[Image: source|You are a memory"
    r"|You are being used as|The following is the Codex agent history|<user-memory-input"
    r"|Pre-compaction memory flush|Continue from where you left off\.\s*$|\[Cron|\[Scheduled)"
)
"""Beginnings of texts that a program writes in the user's place."""


class Said(NamedTuple):
    """What a text says of the work before it, and of what comes."""

    kind: str
    complaint: int
    accepts: bool
    moves_on: bool


AUTO = Said("auto", 0, False, False)


def is_auto(text: str) -> bool:
    """Tell whether a program wrote a text."""
    return _AUTO.match(text) is not None


def is_command(text: str) -> bool:
    """Tell whether a text is a slash command."""
    return _COMMAND.match(text) is not None


def said(instruction: str, *, command: bool, evidence: int, images: bool) -> Said:
    """Tell what an instruction says.

    `evidence` is how much of the whole prompt are pasted errors and logs, in percent.
    """
    plain = folded(instruction[: HEAD * 3])
    if len(instruction) > HEAD * 3:
        plain = f"{plain[: HEAD * 2]}\n{folded(instruction[-TAIL * 2 :])}"
    speech = _Speech(plain, spoken(plain))
    complaint = speech.complaint()
    accepts = complaint < 2 and speech.accepts(complaint)
    moves_on = complaint < 2 and speech.moves_on()
    if command:
        kind = "command"
    elif speech.is_control():
        kind = "control"
    elif not plain:
        kind = "evidence" if images or evidence else "control"
    elif complaint < 2 and speech.is_chore():
        kind = "chore"
    elif complaint < 2 and evidence < _PASTED and speech.is_question():
        kind = "question"
    elif evidence >= _PASTED or (images and len(plain) < 12):
        kind = "evidence"
    elif complaint == 2 or (
        speech.shows_symptom and len(plain) <= _SHORT and not accepts and not moves_on
        and not speech.sets_task()
    ):  # fmt: skip
        kind = "complaint"
    else:
        kind = "task"
    return Said(kind, complaint, accepts, moves_on)


class _Speech:
    """A folded text with the lexicons for its letters."""

    def __init__(self, plain: str, lexicons: list[Lexicon]) -> None:
        self.plain = plain
        self.lexicons = lexicons
        self.whole = Clauses(plain)
        told = plain
        for lexicon in lexicons:
            if lexicon.hypotheses is not None:
                told = lexicon.hypotheses.sub(" ", told)
        self.told = self.whole if told == plain else Clauses(told)
        """The text without clauses that tell of nothing that happened."""
        self.praise = _clipped(self.told, _PRAISE, 0)
        self.shows_symptom = False
        """It says more than what is expected. Known once `complaint` has been asked."""

    def complaint(self) -> int:
        """Tell whether it complains: 2 clearly, 1 perhaps."""
        clear = _clipped(self.told, HEAD, TAIL)
        if any(lexicon.strict.found(clear) for lexicon in self.lexicons):
            return 2
        signs = _clipped(self.told, _LOOSE_HEAD, _LOOSE_TAIL)
        self.shows_symptom = any(lexicon.loose.found(signs) for lexicon in self.lexicons) or (
            not signs.text.isascii() and _TEMPER.search(signs.text) is not None
        )
        if self.shows_symptom:
            return 1
        if self.sets_task():
            return 0
        return int(any(lexicon.restated.found(signs) for lexicon in self.lexicons))

    def accepts(self, complaint: int) -> bool:
        if any(lexicon.accepts.found(self.praise) for lexicon in self.lexicons):
            return not any(lexicon.contrasts.found(self.praise) for lexicon in self.lexicons)
        if any(lexicon.thanks.found(self.praise) for lexicon in self.lexicons):
            return complaint == 0 or self.moves_on()
        return not self.plain.isascii() and _THUMB.fullmatch(self.praise.text) is not None

    def moves_on(self) -> bool:
        opening = _clipped(self.whole, _PRAISE, 0)
        return any(lexicon.moves_on.found(opening) for lexicon in self.lexicons)

    def sets_task(self) -> bool:
        return any(lexicon.tasks.describes(self.whole) for lexicon in self.lexicons)

    def is_control(self) -> bool:
        plain = self.plain
        if len(plain) > _CONTROL:
            return False
        if not plain.isascii():
            plain = _SMILEYS.sub("", plain).strip() or plain
        if any(lexicon.control.fullmatch(plain) for lexicon in self.lexicons):
            return True
        if _OPTION.fullmatch(plain):
            return True
        return not plain.isascii() and _THUMB.fullmatch(plain) is not None

    def is_chore(self) -> bool:
        if len(self.plain) > _CHORE or len(self.plain.split()) > _CHORE_WORDS:
            return False
        return any(lexicon.chores.describes(self.whole) for lexicon in self.lexicons) and not any(
            lexicon.chore_stops.found(self.whole) for lexicon in self.lexicons
        )

    def is_question(self) -> bool:
        plain = self.plain
        if len(plain) > _QUESTION or any(
            one.requests.describes(self.whole) for one in self.lexicons
        ):
            return False
        if _MARKS.search(plain):
            return True
        return any(lexicon.questions.describes(self.whole) for lexicon in self.lexicons)


def _clipped(clauses: Clauses, head: int, tail: int) -> Clauses:
    """Return the beginning and the end of a text."""
    text = clauses.text
    if len(text) <= head + tail:
        return clauses
    return Clauses(f"{text[:head]}\n{text[-tail:]}" if tail else text[:head])
