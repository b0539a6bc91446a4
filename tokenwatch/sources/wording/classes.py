"""What kind of prompt a text is, and whether it complains, praises or moves on."""

from __future__ import annotations

import re
from typing import NamedTuple

from tokenwatch.sources.wording import own_words
from tokenwatch.sources.wording.folded import folded
from tokenwatch.sources.wording.lexicon import spoken
from tokenwatch.sources.wording.lexicon.clauses import Clauses, Reach
from tokenwatch.sources.wording.persistence import asks, persists

CLEAR = Reach(500, 200)
"""Where a clear complaint is looked for: what is wrong is said first or last."""
_SIGNS = Reach(350, 120)
"""The same for signs of one, which any long text has."""
_PRAISE = Reach(240, 0)
"""The same for praise, and for a word that moves on."""
_MORE = 100
"""Characters beyond these that are looked at, for what ends there."""
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
STILL = 3
"""The complaint that something is so still."""
_ISSUE = re.compile(r"(?:^|[.!?;:,\n] ?)[#\[(]?[a-z]{2,10}-\d+(?!\w)")
"""An issue's key where a clause begins: that is the next task."""
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
    head, tail = CLEAR.head + _MORE, CLEAR.tail + _MORE
    if len(instruction) > head + tail:
        plain = f"{folded(instruction[:head])}\n{folded(instruction[-tail:])}"
    else:
        plain = folded(instruction)
    speech = _Speech(plain)
    complaint = speech.complaint()
    accepts = complaint < 2 and speech.accepts(complaint)
    moves_on = complaint < 2 and speech.moves_on()
    if complaint == 1 and speech.only_goes_on and (accepts or moves_on):
        complaint = 0
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
    if complaint and not accepts and not moves_on and _is_so_still(kind, complaint, speech):
        return Said(kind if kind == "evidence" else "complaint", STILL, False, False)
    return Said(kind, complaint, accepts, moves_on)


def _is_so_still(kind: str, complaint: int, speech: _Speech) -> bool:
    if kind in ("command", "control", "chore"):
        return False
    if kind == "question" and complaint < 2 and asks(speech.plain):
        return False
    is_about_now = complaint > 1 or kind != "task" or not speech.sets_task()
    complains = complaint > 1 or kind in ("complaint", "evidence")
    return is_about_now and persists(speech.plain, complains=complains)


class _Speech:
    """A folded text with the lexicons for its letters."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.whole = Clauses(plain)
        self.lexicons = spoken(self.whole)
        heard = [(lexicon, lexicon.heard(self.whole)) for lexicon in self.lexicons]
        self.heard = [(lexicon, found) for lexicon, found in heard if found is not None]
        """Those of which a text has any word."""
        gaps = [
            gap for lexicon, found in self.heard for gap in lexicon.hypotheses(self.whole, found)
        ]
        self.told = self.whole.without(gaps)
        """The text without clauses that tell of nothing that happened."""
        self.shows_symptom = False
        """It says more than what is expected. Known once `complaint` has been asked."""
        self.only_goes_on = False
        """It complains by nothing but how a clause begins: now, also, the. Known then as well."""

    def complaint(self) -> int:
        """Tell whether it complains: 2 clearly, 1 perhaps."""
        told, every = self.told, self.heard
        if any(lexicon.strict.found(told, heard, CLEAR) for lexicon, heard in every):
            return 2
        self.shows_symptom = (
            any(lexicon.loose.found(told, heard, _SIGNS) for lexicon, heard in every)
            or (not told.text.isascii() and _TEMPER.search(told.text) is not None)
            or own_words.occur(told.text)
        )
        if self.shows_symptom:
            return 1
        if self.sets_task():
            return 0
        if any(lexicon.restated.anywhere.occurs(told, heard, _SIGNS) for lexicon, heard in every):
            return 1
        self.only_goes_on = any(
            lexicon.restated.found(told, heard, _SIGNS) for lexicon, heard in every
        )
        return int(self.only_goes_on)

    def accepts(self, complaint: int) -> bool:
        told, every = self.told, self.heard
        if any(lexicon.accepts.found(told, heard, _PRAISE) for lexicon, heard in every):
            return not any(
                lexicon.contrasts.found(told, heard, _PRAISE) for lexicon, heard in every
            )
        if any(lexicon.thanks.found(told, heard, _PRAISE) for lexicon, heard in every):
            return complaint == 0 or self.only_goes_on or self.moves_on()
        return not self.plain.isascii() and _THUMB.fullmatch(self.plain) is not None

    def moves_on(self) -> bool:
        whole = self.whole
        if any(lexicon.moves_on.found(whole, heard, _PRAISE) for lexicon, heard in self.heard):
            return True
        return "-" in whole.text and _ISSUE.search(whole.text, 0, _PRAISE.head) is not None

    def sets_task(self) -> bool:
        return any(lexicon.tasks.describes(self.whole, heard) for lexicon, heard in self.heard)

    def is_control(self) -> bool:
        plain = self.plain
        if len(plain) > _CONTROL:
            return False
        if not plain.isascii():
            plain = _SMILEYS.sub("", plain).strip() or plain
        if any(lexicon.is_control(plain) for lexicon in self.lexicons):
            return True
        if _OPTION.fullmatch(plain):
            return True
        return not plain.isascii() and _THUMB.fullmatch(plain) is not None

    def is_chore(self) -> bool:
        whole = self.whole
        if len(whole.text) > _CHORE or len(whole.text.split()) > _CHORE_WORDS:
            return False
        return any(
            lexicon.chores.describes(whole, heard) for lexicon, heard in self.heard
        ) and not any(lexicon.chore_stops.found(whole, heard) for lexicon, heard in self.heard)

    def is_question(self) -> bool:
        whole = self.whole
        if len(whole.text) > _QUESTION or any(
            lexicon.requests.describes(whole, heard) for lexicon, heard in self.heard
        ):
            return False
        if _MARKS.search(whole.text):
            return True
        return any(lexicon.questions.describes(whole, heard) for lexicon, heard in self.heard)
