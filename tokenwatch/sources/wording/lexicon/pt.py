"""Portuguese, of Brazil and of Portugal."""

from __future__ import annotations

from tokenwatch.sources.wording.lexicon.words import Words

_NO = "(nao|n|naum|nn)"
_YET = "(ainda|continua|continuam|continuo|segue|persiste|permanece)"
_ERROR = "(erros?|falhas?|problemas?|bugs?|excecao|excecoes|avisos?)"
_WORK = (
    "(funciona|funcionam|funcionou|funcionando|funfa|funciono|fucniona|funcinou|foi|roda|rodou"
    "|carrega|carregou"
    "|aparece|aparecem|apareceu|mostra|mostrou|salva|salvou|abre|abriu|responde|muda|mudou"
    "|atualiza|atualizou"
    "|compila|compilou|resolve|resolveu|adianta|adiantou|deu certo|da|vai|faz nada|fez nada"
    "|acontece nada|sai|pega"
    "|pegou|conecta|bate|exibe|grava|inicia|esta a)"
)

WORDS = Words(
    strict=(
        "(so|apenas) (mudou|alterou|corrigiu|mexeu|arrumou)",
        "agora (_ )?(da|deu|aparece|tem) (_ )?(outro|um novo|um) erro",
        "^assim nao",
        "continuo vendo",
        f"{_YET} (_ )?({_NO}|sem|mal|falhando|igual|quebrad~|dando|com (o|os|a|erro~"
        "|problema~)|aparecendo"
        f"|mostrando|vazi~|acontecendo|errad~|a (dar|falhar|aparecer|mostrar)|o mesmo|{_ERROR}"
        "|travando)",
        f"{_NO} (_ )?{_WORK} (ainda|mesmo assim)",
        f"(ainda|tambem|ja|agora|mas|isso|isto|assim|mesmo assim) {_NO} (_ )?({_WORK}|esta"
        "|estao|ta|tem|e|ficou"
        "|consigo)",
        f"^(isso |isto |ainda |ja )?{_NO} (se |me |esta |ta |estao )*({_WORK}|certo)",
        f"{_NO} (_ )?(funcion~|funfa~|deu certo|resolveu|adiantou|rolou|mudou (nada)?)",
        f"{_NO} (houve|teve|tem) (nenhuma |qualquer )?(mudanca|diferenca|alteracao|efeito)",
        f"(o |os )?mesm[oa]s? {_ERROR}(?! (handler|de (formato|tipo)))",
        f"(de novo|novamente|outra vez) (_ )?(o mesmo|a mesma|{_ERROR}|errad~|falh~)",
        "(erro|errado|falhou|quebrou|igual|a mesma coisa|mesmo erro|parou|sumiu) (de novo"
        "|novamente|outra vez)",
        "(continua|esta|ta|ficou|tudo|segue) (_ )?(igual|a mesma coisa|na mesma|do mesmo jeito)",
        "nada (mudou|funciona|aconteceu|acontece|adiantou|feito)",
        f"{_NO} (_ )?(foi|ficou|esta|ta) (_ )?(corrigid~|resolvid~|arrumad~|consertad~|bom"
        "|certo|correto|bem)",
        f"{_NO} (_ )?(corrigiu|resolveu|arrumou|consertou|corrige|alterou nada|entendeu"
        "|corrigiste|resolveste)",
        f"^{_NO}[,.] ?(isso|isto|eu|nao|o|a|e|esta|ta|voce|vc|quero|queria|era|assim|continua"
        "|ainda|foi)(?! (precisa"
        "|tem problema))",
        f"(isso|isto|assim|esse|essa|esta|ele|ela) {_NO} (_ )?(e|era|foi|esta|ta) (_ )?(o que"
        "|assim|certo|correto"
        "|bom|verdade|bem|como)",
        f"{_NO} (e|era|foi) (isso|isto|assim|o que|esse|essa|bem|para|pra|como)",
        "(isso|isto|esta|ta|ficou|tudo|saiu|veio|voce fez|continua) (_ )?(errad~|incorret~"
        "|quebrad~|pior|horrivel"
        "|pessimo|uma (merda|porcaria|bosta))",
        "^(errado|incorreto|mentira|falso|ruim|pessimo)(?= *([.,!;\n]|$))",
        "(eu |ja |te |lhe |ja te |eu ja )+(_ )?(disse|falei|pedi|expliquei|mencionei|avisei"
        "|tinha (dito|pedido|falado))",
        "(falei|disse|pedi|queria|quis dizer) (_ )?(que|pra|para|um|uma|o|a|isso|so|nao)(?! "
        "(saber|entender))",
        f"{_NO} (te |lhe )?(pedi|queria|quero|falei|mandei|disse|solicitei) (_ )?(que|isso"
        "|isto|um|uma|o|a|pra|para"
        "|assim)",
        "(o )?que (eu )?(te )?(pedi|falei|disse|queria|solicitei)",
        "(voce|vc|tu|c) (_ )?(quebrou|apagou|removeu|deletou|esqueceu|ignorou|perdeu|estragou"
        "|tirou|excluiu|mudou o"
        "|errou|inventou|bagunçou|baguncou|se enganou|fez errado|nao|n|so|nunca|sempre"
        "|continua|insiste)",
        "(quebraste|apagaste|removeste|esqueceste|esqueceste te|ignoraste|estragaste|tiraste"
        "|partiste)",
        "^(quebrou|apagou|esqueceu|sumiu|parou de|estragou|removeu|errou)",
        "(por que|porque|pq|por q|porq|como assim) (_ )?(voce|vc|tu|continua|ainda|nao|n|mudou"
        "|apagou|removeu|fez"
        "|tirou|esta a|tiraste|mudaste|de novo|insiste)",
        "(pare|para|parar|chega) de (_ )?(fazer|criar|mudar|adicionar|inventar|mexer|usar"
        "|colocar|remover|alterar)",
        "(reverta|reverte|desfaca|desfaz|volta (como|ao|para|pra|atras|o|a)|volte (como|ao|para"
        "|atras|o|a|tudo)|restaura|restaure|deixa como (estava|era)|deixe como (estava|era)"
        "|como estava antes"
        "|como era antes|repor como)(?! (button|botao|uma|um|pagina inicial|lista))",
        "^(reverter|desfazer)",
        f"(agora|e agora|mas agora) (_ )?({_NO}|falha|falhou|quebrou|quebrad~|pior|sumiu|deu"
        " erro|da erro|apareceu"
        " (_ )?erro|vazio|esta errado|parou|ficou (ruim|errado|pior))",
        "(quebrou tudo|se perdeu|piorou|pior que antes|pior do que|ficou pior|parou de"
        " funcionar|deixou de"
        "|voltou (a|o|com)|deu ruim|deu pau|deu erro|deu o mesmo|deixaram de)",
        f"mas (_ )?({_NO}|continua|continuam|ainda|{_ERROR}|errad~)",
        "(pela|e a) (segunda|terceira|quarta|enesima|ultima|milesima) vez",
        "(quantas vezes|porra|merda|caralho|droga|que lixo|inutil|ridiculo|burro|idiota|pqp"
        "|puta|vsf|que desastre"
        "|fdp|bosta|palhaçada|palhacada|aff+|estupid~)",
        "(aparece|mostra|retorna|veio|ficou|exibe|sai) (_ )?(em vez|ao inves|no lugar) de",
        "(faz|faca|corrige|corrija|arruma|arrume|conserta) (_ )?(direito|certo|de novo"
        "|novamente|de uma vez"
        "|corretamente)",
        f"ja {_NO} (se )?({_WORK}|consigo|entra|existe)",
        f"{_NO} (_ )?mais ({_WORK}|consigo|entra|existe)",
    ),
    loose=(
        "so (o|a|um|uma|mudou)",
        "(mostra|aparece|retorna|exibe|da|devolve) (_ )?(\\d+|cero|zero|nan|null|undefined"
        "|nada|nulla)",
        f"{_NO} (se|me|ha|e|esta|estao|ta|tao|sao|consigo|consegue|pode|tem|vejo|encontro"
        "|entendi|era|foi|faz"
        "|deveria|deve|aparece|sai|funciona|existe|bate|corresponde|vai|carrega|sei|ficou|da"
        "|mostra|abre|queria)",
        f"{_YET}",
        "(tampouco|nada|nenhum~|nunca|jamais|ninguem|impossivel|sem (dados|estilo|efeito"
        "|resultado~|texto))",
        "(falta|faltam|faltou|faltando|vazio|vazia|vazios|vazias|quebrad~|mal|pior|estranh~"
        "|feio|feia|incorret~"
        "|errad~|duplicad~|cortad~|desalinhad~|sobrepost~|sobrepond~|sobrepoe|estourando"
        "|vazando|estoura|invisivel"
        "|escondid~|lento|lenta|trava~|travou|congelad~|piscando|pisca|sumiu|sumiram|sumindo"
        "|desaparec~|perdid~"
        "|invalid~|falha~|falhou|quebra~|quebrou|erro|erros|problema~|bug|bugs|excecao|em"
        " branco|repetid~"
        "|desatualizad~|inconsistente~|incomplet~|muito|demais|baguncad~|confus~|diferente~"
        "|sobrando|fora d~|ruim"
        "|torto|bugad~|embaralhad~|zoad~|aparece~|saiu|veio)",
        "(deu|da|dando|tenho|ha|tem|aparece|recebo|recebi|lanca|gera) (_ )?" + _ERROR,
        f"^({_NO}|mm+|hmm+|espera|espere|desculpa|desculpe|na verdade|mas(?! \\w+s de )|porem"
        "|entretanto|contudo|exceto|menos"
        "|olha|opa|ue|que estranho|por que|porque|pq|como assim|tem certeza|eita|cuidado|calma)"
        "(?! (tem problema|precisa|importa))",
        "(de novo|novamente|outra vez|mais uma vez|do zero|volta a|voltar a|refaz|refaca)",
        "(tem certeza|certeza que|voce (testou|verificou|revisou|leu|viu|rodou|tem)|testaste"
        "|verificaste|esquec~)",
        "(so|somente|apenas|sempre) (_ )?(mostra|aparece|sai|vejo|funciona|carrega|um|uma|tem"
        "|esta|ta|da)",
        "(esperava|queria|pensei|achei|achava|prefiro|preferia)",
        "(por que|porque|pq) (_ )?(e|esta|ta|aparece|mostra|tem|o|a|esse|isso)",
        "(voce|vc) (_ )?(colocou|fez|mudou|usou|criou|adicionou|deixou|alterou|moveu|botou)",
        "(corrige|corrija|corrigir|arruma|arrume|arrumar|conserta|conserte|resolve|resolva"
        "|revisa|revise|verifica)",
        "(quase|melhor|melhorou),? (mas|porem)|quase la|melhorou",
    ),
    restated=(
        "(deveria~|deve|devem|tem que|tinha que|precisa|quero|preciso que|teria que|era (pra"
        "|para)|e (pra|para))",
        "(em vez|ao inves|no lugar) de|e sim|mas sim|e nao",
        "(mas(?! \\w+s de )|porem|exceto|menos|embora|contudo|entretanto)",
        "^(agora|tambem|esta|ta|o|a|os|as|quando|ao|no|na|ha|tem|e|isso|isto|ele|ela|ainda)",
    ),
    contrasts=("mas", "porem", "exceto", "embora", "entretanto", "contudo", "menos",
    "so (que|falta|nao|o|a)", "apenas", "ainda",
               "quase", "a nao ser", "tirando", "somente"),
    accepts=(
        "(agora|agora sim|ja|finalmente|tudo|isso|sim|perfeito|otimo|boa)[,. ]+(ja |tudo |sim "
        "|esta |ta )*(funciona"
        "|funcionou|funcionando|deu certo|foi|esta (bom|certo|resolvido|perfeito|otimo|ok)|ta "
        "(bom|certo|ok|otimo)"
        "|resolveu|resolvido|passou|passaram|carregou|ficou)(?! (mal|igual|pior|errado|ruim))",
        "^(funciona|funcionou|deu certo|esta (bom|otimo|perfeito|certo)|ficou|resolvido"
        "|resolveu|corrigido|rolou"
        "|passou|ta otimo|ta perfeito|esta a funcionar)( (agora|bem|perfeito|otimo|muito bom"
        "|show|perfeitamente|bom"
        "|excelente|lindo|bonito|top|certinho))?(?= *([.,!;\n]|$|obrigad|agora|e|valeu))",
        "^(perfeito|excelente|otimo|maravilha|maravilhoso|fantastico|show|show de bola"
        "|exatamente|isso ai|isso mesmo"
        "|boa|muito bom|muito bem|bom trabalho|otimo trabalho|incrivel|adorei|gostei|amei"
        "|sensacional|top|arrasou"
        "|espetacular|mandou bem|parabens|impecavel|bem melhor|muito melhor)(?= *([.,!;:\n)]|$"
        "|agora|obrigad|e|vamos"
        "|funcionou|ficou|trabalho))",
        "(ficou|esta|ta|ficaram) (muito |bem |mais |super )?(bom|boa|otim[oa]|perfeit[oa]"
        "|excelente|lindo|show|legal"
        "|certinho|melhor)(?! (que|do que))",
        "(isso|voce|vc|agora) (_ )?(resolveu|corrigiu|arrumou|consertou|conseguiu)",
    ),
    thanks=(
        "^(obrigad[oa]|muito obrigad[oa]|valeu|vlw|obg|bom|bem|legal|beleza|blz|massa|joia"
        "|certo|bacana)"
        "(?= *([.,!;:\n)]|$|agora|e|funcionou))(?! (dia|tarde|desde))",
    ),
    moves_on=(
        "^(proximo|proxima|o proximo|vamos (para|pra|ao|a|seguir|continuar|agora|avancar"
        "|adicionar|criar|implementar"
        "|fazer|comecar|passar)|seguindo|passemos|avancando|agora (vamos|quero|preciso|crie"
        "|cria|adicione|adiciona"
        "|implemente|implementa|faca|faz|pode|falta implementar|o proximo|a proxima|gostaria"
        "|atualize|coloque|altere"
        "|remova|queria|e hora))",
        "^(tambem|alem disso|adicionalmente|por outro lado)[, ]+(adicion~|quero|preciso|cri~"
        "|coloqu~|coloca|faca|faz"
        "|pode|poderia|implement~|acrescent~|gostaria|mud~|alter~|atualiz~)",
        "^(outra (coisa|tarefa|funcionalidade|melhoria|questao|pergunta)|mais uma coisa|nova "
        "(tarefa|funcionalidade)"
        "|outro (assunto|ponto|detalhe)|mudando de assunto|para (o|a) (proxim[oa]))",
        "^(passo|fase|parte|tarefa|etapa|ponto|ticket|historia|sprint|item) ?#?(\\d|um|dois|tres)",
        "^(depois|em seguida|a seguir|apos isso|quando terminar)(?! (nao|de salvar))",
        "^(faca|faz|implemente|comece|continue com|siga com|execute|siga para) (o |a |para )?"
        "(proxim[oa] )?(passo|fase"
        "|tarefa|parte|ponto|etapa|item)",
    ),
    control=(
        "sim", "ss", "s", "claro", "ok", "okay", "beleza", "blz", "bom", "certo", "perfeito",
        "pronto", "pode", "pode sim",
        "pode fazer", "pode ser", "pode continuar", "pode seguir", "pode ir", "continua",
        "continue", "continuar",
        "segue", "siga", "prossiga", "prosseguir", "prossegue", "avance", "avanca", "vai",
        "vai em frente", "faca",
        "faca isso", "faz isso", "faz", "faca tudo", "manda", "manda ver", "manda bala",
        "de acordo", "concordo", "exato",
        "exatamente", "isso", "isso mesmo", "com certeza", "nao", "nao obrigado", "obrigado",
        "obrigada", "valeu",
        "por favor", "pf", "pfv", "otimo", "legal", "vamos", "bora", "vamos la", "aplica",
        "aplique", "confirmo",
        "confirmado", "aceito", "aprovado", "a primeira", "o primeiro", "a segunda", "o segundo",
        "ambos", "ambas",
        "todos", "todas", "tudo", "os dois", "as duas", "nenhum", "o que voce recomendar",
        "como voce recomendar",
        "voce decide", "parece bom", "oi", "ola", "entendi", "ja", "comece", "termine", "espera",
        "cancela", "e", "sigue",
        "o que recomendas", "sim por favor", "continue por favor", "continue de onde parou",
        "de onde parou", "ta bom",
    ),
    chores=(
        "^(faca|faz|fazer|crie|cria|abra|abre|suba|sobe|realize|execute) (_ )?(commit|push|pr"
        "|pull request|merge|deploy"
        "|branch|rebase|alteracoes)",
        "^(commit|commita|comita|commite|comite|commitar|push|pusha|sobe (as|o|tudo|pra|para)"
        "|suba (as|o|tudo|para)"
        "|mergeia|merge|rebase|publica|publique|reinicia|reinicie|reiniciar|compila|compile"
        "|builda|instala as"
        " dependencias|formata o codigo|faz deploy|deploy|salva as alteracoes)(?! (erro|na"
        " tabela))",
        "^(roda|rode|rodar|executa|execute|executar|corre|correr) (_ )?(testes?|linter|lint"
        "|build|servidor|suite|projeto"
        "|app|aplicacao|tudo|migrations?|migracoes)",
        "^(sobe|suba|inicia|inicie|para|pare|derruba|levanta|reinicia|reinicie|liga) (o |a |os"
        " )?(servidor|server|app"
        "|backend|frontend|container~|servico~|docker)",
        "^(status|mostra o status|git status)(?= *([.,!?\n]|$))",
    ),
    chore_stops=(
        "(corrige|corrija|adiciona|adicione|implementa|implemente|muda|mude|crie (?!(um |uma "
        "|o |a )*(commit|pr|pull|branch"
        ")\\b)|erro|erros|falha~|falhou|deveria|deve|escreva|substitua|por que|nao)",
    ),
    tasks=(
        "^((por favor|agora|tambem|voce pode|pode|poderia) )*(corrija|corrige|corrigir|conserte"
        "|conserta|consertar|arrume|arruma|arrumar|resolva|resolve) (o|a|os|as|um|uma|todos os"
        "|todas as) (_ )?\\w+ (que (falha|falham|falta|faltam|esta falhando|nao passa)"
        "|quebrad[oa]s?|falhando|faltantes?|faltando|incorret[oa]s?|duplicad[oa]s?|lent[oa]s?"
        "|obsolet[oa]s?)",
        "^((por favor|agora|tambem|e|depois|voce|vc|pode|poderia|quero que|preciso que"
        "|gostaria que|me ajude a|vamos"
        "|tem que|quero|preciso|gostaria de|eu|consegue) )*(adicion~|acrescent~|cri[ea]~"
        "|implement~|escrev~|fac~|faz~"
        "|ger[ea]~|refator~|renome~|mov[ea]~|atualiz~|mud[ea]~|alter[ea]~|configur~|convert~"
        "|substitu~|remov~|tir[ea]~"
        "|exclu~|integr~|melhor[ea]~|otimiz~|document~|extrai~|separ~|us[ea]~|revis[ea]~"
        "|analis~|investig~|busc~"
        "|explic~|explique~|descrev~|resum~|compar~|test[ea]~|prepar~|planej~|traduz~|desenh~"
        "|coloc~|coloque~|modific~"
        "|ajust~|instal~|migr~|mostr~|me de|diga|constru~|desenvolv~|permit~|um|uma|leia"
        "|defin~|valid~|copi~|simplific~"
        "|organiz~|orden~|filtr~|export~|import~|carreg~|reescrev~|inclu~|deix[ea]~|colocar"
        "|bot[ae]~)",
        "^(voce e um|atue como|como um|objetivo|contexto|tarefa|no|na|para o|para a|usando"
        "|baseado|com base)",
    ),
    questions=(
        "^(o que|que|qual|quais|como|quando|onde|quem|por que|porque|pq|quanto|quantos|quantas"
        "|para que)"
        "(?! (funcione|fique|seja|assim))",
        "^(existe|ha|tem como|da pra|da para|e possivel|posso|podemos|devo|devemos|sera que"
        "|voce sabe|voce acha"
        "|explica|explique|me explica|me explique|diga|me diga|me diz|preciso de|esta|ta) ",
    ),
    requests=(
        "^(e |agora |por favor )?(voce |vc |tu )?(pode|poderia|consegue|podes|podemos|poderias"
        "|tem como (voce )?)"
        "(?! (_ )?(explica~|dizer~|contar~|esclarec~|descrev~|resum~|ver|confirmar~|ler"
        "|acessar|me dizer))",
    ),
    known_by=
    "o os as um uma nao que por para com do da dos das no na nos nas ao se mas como quando"
    " onde muito mais sem"
    " isso isto esse essa este ainda agora porque tambem novo mesmo voce vc pra pro ele ela"
    " foi esta ta sao tem faca"
    " faz crie adicione quero preciso pode poderia funciona funcionou erro botao pagina tela"
    " dados usuario arquivo"
    " codigo obrigado obrigada valeu beleza perfeito otimo bom falei pedi deve deveria proximo"
    " passo continua continue"
    " corrige arruma e eu meu seu nada aparece mostra falta quebrou apagou sumiu ficou sim"
    " testes ja nem so de novo",
    hypotheses=(
        "se (o|a|os|as|isso|nao|n|houver|tiver|der|for|estiver|voce|alguma?|algo|precisar"
        "|possivel)", "caso", "certifique se", "garanta", "garanta que", "para que",
        "pra que", "a menos que", "a nao ser que", "para evitar", "evite", "nao so", "nao apenas",
        "sem problema~",
        "nao esqueca de", "nao se esqueca", "ate que", "sem quebrar", "verifique se",
        "mensage[nm]s? de erro",
        "tratamento de erros?", "nao se preocupe", "desde que", "assegure se",
    ),
    fillers=("ok", "bom", "bem", "e", "mas", "olha", "desculpa", "por favor", "sim", "ola", "oi",
    "obrigad[oa]",
             "perfeito", "otimo", "legal", "agora", "hmm+", "mm+", "entao", "acho que",
             "parece que", "vejo que",
             "infelizmente", "ja", "claro", "muito bem", "muito bom", "cara", "mano", "valeu",
             "beleza", "certo", "ta"),
)  # fmt: skip
