"""What a tool call is for, by the tool's name and arguments; see `events.ToolCallSeen.purpose`."""

from __future__ import annotations

from tokenwatch.sources.commands import Deed, describe
from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.values import fingerprint, text

SHELLS = frozenset({"Bash", "PowerShell"})
LAUNCHING = frozenset({"Agent", "Task"})
EDITING = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
PURPOSES = {
    "search": ("Grep", "Glob", "LS", "LSP", "ToolSearch", "ListMcpResources",
               "ListMcpResourcesTool"),
    "read": ("ReadMcpResource", "ReadMcpResourceTool"),
    "edit": tuple(EDITING),
    "launch": (*LAUNCHING, "Workflow"),
    "plan": ("TodoWrite", "TodoRead", "ExitPlanMode", "exit_plan_mode", "EnterPlanMode",
             "TaskCreate", "TaskUpdate", "TaskGet", "TaskList"),
    "ask": ("AskUserQuestion",),
    "web": ("WebFetch", "WebSearch"),
}  # fmt: skip
"""Purpose → tools that have no other."""
_PURPOSE_OF = {name: purpose for purpose, names in PURPOSES.items() for name in names}
_POLLING = frozenset({"BashOutput", "TaskOutput", "AgentOutput", "AgentOutputTool"})
"""Ask how a shell or an agent in the background is getting on. `Monitor` is told by itself."""
_TASK_NAMES = ("task_id", "bash_id", "shell_id", "agentId", "agent_id")
_PARTS = ("offset", "limit", "pages")


def act(name: str, given: dict[str, object]) -> Deed:
    """Return what a call is for; its likeness is "" where the call's fingerprint says it all."""
    if name in SHELLS:
        deed = describe(text(given.get("command")) or "")
        waits_aside = deed.purpose == "wait" and given.get("run_in_background") is True
        return deed._replace(purpose="") if waits_aside else deed
    if name in ("Read", "NotebookRead"):
        path = text(given.get("file_path")) or text(given.get("notebook_path")) or ""
        partial = any(given.get(part) is not None for part in _PARTS)
        return Deed("read", "", (name_hash(path),) if path else (), partial)
    if name in _POLLING:
        task = next((text(given[key]) for key in _TASK_NAMES if text(given.get(key))), None)
        return Deed("wait", fingerprint("task", task) if task else "", (), False)
    if name == "Sleep":
        return Deed("wait", fingerprint("sleep"), (), False)
    return Deed(_PURPOSE_OF.get(name, ""), "", (), False)
