"""That something is so still: the surest word about an attempt that did not do."""

from __future__ import annotations

import pytest

from tokenwatch.sources.wording import wording

SO_STILL = (
    "the header is still cut off",
    "same error as before, nothing changed",
    "it broke again",
    "el menú sigue sin aparecer",
    "otra vez el mismo error",
    "der Knopf fehlt immer noch",
    "schon wieder derselbe Fehler",
    "le bouton ne marche toujours pas",
    "toujours la même erreur",
    "o botão ainda não aparece",
    "o erro persiste",
    "il pulsante ancora non funziona",
    "stesso errore di prima, non funziona",
    "кнопка всё ещё не работает",
    "опять та же ошибка",
    "按钮还是没有显示",
    "還是不行",
    "まだ動きません",
    "同じエラーが出ます",
    "여전히 버튼이 안 보여요",
    "똑같은 오류가 나요",
)
NOT_SO = (
    "Where is the still image saved?",
    "Does it still support Python 3.9?",
    "What does this flag do again?",
    "the tests should still pass when you are done",
    "run the tests again",
    "add a button that says Try again",
    "usa el mismo error handler para los dos",
    "danach wieder den Server starten",
    "encore une chose: ajoute un test",
    "adicione ainda um campo de nome",
    "ancora una cosa: aggiungi un test",
    "запусти тесты снова",
    "还有，加一个测试",
    "テストをもう一度実行して",
    "테스트를 다시 실행해 줘",
)


@pytest.mark.parametrize("text", SO_STILL)
def test_it_is_so_still(text: str) -> None:
    told = wording(text)
    assert (told.kind, told.complaint) == ("complaint", 3)


@pytest.mark.parametrize("text", NOT_SO)
def test_it_is_not_said_that_it_is_so_still(text: str) -> None:
    assert wording(text).complaint < 3
