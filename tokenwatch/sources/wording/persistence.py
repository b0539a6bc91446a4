"""Words that say of something that it is so still, or again, although it was to be changed.

Beside a complaint they tell that the work before it did not do: the surest sign that a text holds.
They are looked for in its first clauses only, since further on they belong to what is described.
"""

from __future__ import annotations

import re

LOOKED_AT = 160
"""Characters from the beginning. Ours, from reading what people answer to failed attempts."""
_LATIN = (
    # English
    r"(?<!should )(?<!must )(?<!can )(?<!could )(?<!will )(?<!would )still|again|persist(?:s|ing)?"
    r"|same (?:\w+ )?(?:as before|errors?|issues?|problems?|results?|bug|thing|behaviou?r)"
    r"|looks the same|no change|nothing (?:has )?changed"
    r"|not (?:yet )?(?:fixed|solved|resolved)|keeps?|yet again|once more"
    # Spanish, Portuguese, Italian
    r"|sigue|siguen|todavia|aun no|aun sigue|otra vez|de nuevo|mism[oa] (?:error|problema|fallo)"
    r"|ainda|continua|continuam|persiste|persistem|de novo|mesmo (?:erro|problema)"
    r"|ancora|di nuovo|stesso (?:errore|problema)|continuano"
    # French
    r"|toujours|encore|meme (?:erreur|probleme|resultat)|a nouveau"
    # German
    r"|immer noch|noch immer|weiterhin|nach wie vor|schon wieder|wieder"
    r"|gleiche[rsn]? (?:fehler|problem)"
    r"|derselbe fehler|dasselbe problem"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:{_LATIN})\b",
        r"все равно|все еще|всё ещё|по прежнему|опять|снова|до сих пор|та же|тот же|то же самое"
        r"|не изменил|остал(?:ась|ось|ся|ись)",
        r"还是|仍然|仍旧|依然|依旧|又出|又报|又是|还没|还不|一样的(?:错误|问题)|同样的(?:错误|问题)|没变",
        r"まだ|相変わらず|依然|また(?:同|出|エラ|だめ|ダメ)|同じ(?:エラー|問題|結果|まま)|変わ(?:ら|って)ない|変わりません|直って(?:い)?(?:ない|ません)",
        r"여전히|아직|또 ?(?:같은|에러|오류|안)|계속|같은 ?(?:에러|오류|문제|결과)|똑같|그대로",
    )
)


def persists(plain: str) -> bool:
    """Tell whether a folded text (`folded`) says so near its beginning."""
    beginning = plain[:LOOKED_AT]
    if beginning.isascii():
        return _PATTERNS[0].search(beginning) is not None
    return any(pattern.search(beginning) for pattern in _PATTERNS)
