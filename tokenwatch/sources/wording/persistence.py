"""Words that say of something that it is so still, or again, although it was to be changed.

Beside a complaint they tell that the work before it did not do: the surest sign that a text holds.
They are looked for in its first clauses only, since further on they belong to what is described.
"""

from __future__ import annotations

import re

LOOKED_AT = 160
"""Characters from the beginning. Ours, from reading what people answer to failed attempts."""
_STILL = (
    # English
    r"(?<!should )(?<!must )(?<!can )(?<!could )(?<!will )(?<!would )still|persist(?:s|ing)?"
    r"|same (?:\w+ )?(?:as before|errors?|issues?|problems?|results?|bug|thing|behaviou?r)"
    r"|looks the same|no change|nothing (?:has )?changed"
    r"|not (?:yet )?(?:fixed|solved|resolved)"
    # Spanish, Portuguese, Italian
    r"|sigue|siguen|todavia|aun no|aun sigue|mism[oa] (?:error|problema|fallo)"
    r"|ainda|continua|continuam|persiste|persistem|mesmo (?:erro|problema)"
    r"|ancora|stesso (?:errore|problema)|continuano"
    # French
    r"|toujours|meme (?:erreur|probleme|resultat)"
    # German
    r"|immer noch|noch immer|weiterhin|nach wie vor|schon wieder"
    r"|gleiche[rsn]? (?:fehler|problem)|derselbe fehler|dasselbe problem"
)
_AGAIN = (
    r"again|keeps?|yet again|once more|otra vez|de nuevo|de novo|di nuovo|encore|a nouveau|wieder"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:{_STILL})\b",
        r"все равно|все еще|по прежнему|до сих пор|та же|тот же|то же самое"
        r"|не изменил|остал(?:ась|ось|ся|ись)",
        r"还是|仍然|仍旧|依然|依旧|还没|还不|一样的(?:错误|问题)|同样的(?:错误|问题)|没变",
        r"まだ|相変わらず|依然|同じ(?:エラー|問題|結果|まま)|変わ(?:ら|って)ない|変わりません"
        r"|直って(?:い)?(?:ない|ません)",
        r"여전히|아직|계속|같은 ?(?:에러|오류|문제|결과)|똑같|그대로",
    )
)
_REPEATED = re.compile(
    rf"\b(?:{_AGAIN})\b(?! *[?？])|опять|снова|又出|又报|又是|また(?:同|出|エラ|だめ|ダメ)"
    r"|또 ?(?:같은|에러|오류|안)"
)
"""What may as well ask for a repetition: it counts beside what is a complaint without it."""


_ASKS = re.compile(
    r"(?:why|where|what|how|when|which|who|is|are|does|do|did|can|warum|wieso|weshalb|wo|was|wie"
    r"|pourquoi|ou|comment|quel(?:le)?|por que|porque|donde|que|como|cual|onde|qual|perche|dove"
    r"|cosa|come|quale)\b|почему|где|что|как|зачем|为什么|为何|怎么|哪|なぜ|どうして|どこ|何|왜|어디|뭐"
)


def asks(plain: str) -> bool:
    """Tell whether a folded text begins with a word that asks: it may just want to know."""
    return _ASKS.match(plain) is not None


def persists(plain: str, *, complains: bool) -> bool:
    """Tell whether a folded text (`folded`) says so near its beginning.

    complains: it is a complaint in any case.
    """
    beginning = plain[:LOOKED_AT]
    patterns = _PATTERNS[:1] if beginning.isascii() else _PATTERNS
    if any(pattern.search(beginning) for pattern in patterns):
        return True
    return complains and _REPEATED.search(beginning) is not None
