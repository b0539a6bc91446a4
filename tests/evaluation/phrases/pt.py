"""Portuguese."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="pt",
    topics=(
        Topic(
            file="src/estoque/baixa.py",
            task="a baixa de estoque em baixa.py precisa descontar os kits item por item",
            symptoms=(
                "vendi um kit de 3 peças e o estoque das peças ficou igual",
                "agora baixa o kit e as peças, fica em dobro",
                "o parafuso aparece com -2 no estoque",
                "quando o kit tem outro kit dentro só desce o primeiro nível",
                "na devolução as peças não voltam",
            ),
            expected=(
                "vendeu 1 kit com 3 peças: cada peça perde 1, e o kit em si não tem estoque",
                "kit dentro de kit também tem que chegar até as peças",
            ),
            again=(
                "em baixa.py a baixa de estoque tem que descontar os kits item por item",
                "a baixa de estoque em baixa.py precisa descontar os kit item a item por favor",
            ),
            error=(
                'Traceback (most recent call last):\n  File "src/estoque/baixa.py", line 71, in '
                "descontar\n"
                "AttributeError: 'NoneType' object has no attribute 'itens'"
            ),
            series=(
                "agora coloca em baixa.py a reserva de estoque no pedido",
                "depois o aviso de estoque mínimo",
                "e por fim o histórico de movimentos",
            ),
            refine=(
                "para brindes não precisa descontar nada, eles têm tipo = B",
                "a filial de Recife usa outro depósito, veja a tabela depositos",
            ),
            variations=(
                "mostra o saldo em vermelho quando for negativo",
                "melhor laranja",
                "e com uma casa decimal só",
            ),
            praise="show, agora bateu certinho. deixa o depósito padrão configurável também",
        ),
        Topic(
            file="app/login/recuperar.ts",
            task="o link de recuperar senha em recuperar.ts expira na hora, tem que valer 24 horas",
            symptoms=(
                "cliquei no link um minuto depois e deu link expirado",
                "agora ele nunca expira, testei um de três dias atrás",
                "no horário de Manaus ele vence uma hora antes",
                "o segundo e-mail invalida o primeiro mas os dois dizem expirado",
                "abrindo no celular cai direto na tela de login",
            ),
            expected=(
                "pediu às 10h, tem que funcionar até as 10h do dia seguinte, em qualquer fuso",
                "24 horas a partir do pedido, e só um uso",
            ),
            again=(
                (
                    "o link de recuperar senha expira na hora, em recuperar.ts ele tem que valer "
                    "24 horas"
                ),
                "recuperar.ts: link de recuperação de senha tem que valer 24h, hoje expira na hora",
            ),
            error=(
                "RangeError: Invalid time value\n    at Date.toISOString (<anonymous>)\n"
                "    at criarToken (app/login/recuperar.ts:42:31)"
            ),
            series=(
                "próximo passo em recuperar.ts: mandar também por SMS",
                "depois limitar a três pedidos por hora",
                "e registrar cada pedido na auditoria",
            ),
            refine=(
                "para funcionários internos são 2 horas só, regra da segurança",
                "quem entra com Google não tem senha, nesse caso mostra outro texto",
            ),
            variations=(
                "deixa o botão azul para ver como fica",
                "o verde do tema talvez combine mais",
                "e o texto centralizado",
            ),
            praise="funcionou, valeu! põe essas 24 horas numa variável de ambiente",
        ),
        Topic(
            file="web/grafico/vendas.js",
            task="o gráfico de vendas.js some quando não há vendas no mês, deve mostrar zero",
            symptoms=(
                "fevereiro não aparece no eixo, pula de janeiro para março",
                "agora todos os meses estão em zero",
                "a linha liga janeiro direto a março, sem passar pelo zero",
                "no filtro por vendedor a tela fica branca",
                "aparece NaN na legenda",
            ),
            expected=(
                "os doze meses sempre no eixo, com zero onde não vendeu nada",
                "mês sem venda é zero, não é buraco",
            ),
            again=(
                "quando não há vendas no mês o gráfico de vendas.js some, ele deve mostrar zero",
                "o grafico de vendas.js some quando nao ha vendas no mes, deve mostrar zero",
            ),
            error=(
                "Uncaught TypeError: Cannot read property 'total' of undefined\n    at "
                "vendas.js:58:27\n"
                "    at Array.map (<anonymous>)"
            ),
            series=(
                "agora em vendas.js a comparação com o ano passado",
                "em seguida o botão de exportar imagem",
                "e um filtro por região",
            ),
            refine=(
                "para lojas novas começa no mês da abertura, campo aberta_em",
                "meses futuros ficam de fora, não quero ver zero em dezembro ainda",
            ),
            variations=(
                "tenta com barras em vez de linha",
                "barras deitadas, quem sabe",
                "e sem a grade no fundo",
            ),
            praise="ficou ótimo. coloca o valor em cima de cada ponto também",
        ),
    ),
    complaints=(
        "não, não era isso",
        "continua sem funcionar",
        "não foi isso que eu pedi",
        "errado de novo",
        "não mudou nada",
        "ficou pior do que estava",
        "você mexeu no lugar errado",
        "tá quebrado ainda, olha direito",
    ),
    control=("sim", "continua", "ok, pode ir", "a 2"),
    chores=("roda os testes", "faz o commit", "dá push", "reinicia o servidor"),
    questions=(
        "onde fica guardado o idioma do usuário?",
        "por que existem duas tabelas de cliente?",
        "dá pra fazer isso sem migração?",
    ),
    thanks=("perfeito, obrigado", "é isso aí, valeu", "agora foi, muito bom"),
    reviews=(
        "comentário da Bia no PR: tirar a constante para o config",
        "segunda rodada de revisão: renomear a função auxiliar",
        "último comentário: usar o formato de data comum",
    ),
    template="traduz os textos de {x} com a mesma estrutura dos outros idiomas",
    wordings=(
        "lista todos os lugares onde calculamos imposto na mão",
        "procura no código onde o imposto é calculado manualmente",
        "onde é que a gente calcula imposto sem a função comum? me faz uma lista",
    ),
    job="verifica o log da importação noturna e resume as linhas que falharam",
)
