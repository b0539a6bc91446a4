"""French."""

from __future__ import annotations

from tokenwatch.sources.wording.lexicon.words import Words

_STILL = "(toujours|tjrs|tjs|encore|tj|tjr)"
_ERROR = "(erreurs?|problemes?|pb|soucis?|bugs?|exceptions?|error|avertissements?|message d erreur)"
_NOT = "(pas|plus|rien|aucun|aucune|jamais)"
_WORK = (
    "(marche|marchent|marchait|fonctionne|fonctionnent|fonctionnait|fonctione|fonctionn"
    "|foncitonne|change|affiche|affichent"
    "|apparait|apparaissent|charge|compile|demarre|repond|va|passe|suffit|aide|regle|resout"
    "|corrige|enregistre|sauvegarde"
    "|ouvre|s ouvre|s affiche|sauve|met a jour|tourne|fait rien|donne|correspond|bouge|prend"
    "|voit|vois|se passe"
    "|a (rien |pas )?(marche|change|fonctionne|regle|resolu|corrige|suffi|aide))"
)

WORDS = Words(
    strict=(
        "(n )?a rien (change|fait|regle|corrige|resolu|donne)",
        "^pas comme ca",
        f"{_STILL} (_ )?(pas|rien|aucun~|casse~|faux|fausse|mauvais~|vide|la meme|le meme|les"
        " memes|l erreur|lerreur"
        f"|le probleme|un probleme|ko|plante|manquant|incorrect~|{_ERROR})",
        "(il y a|ya|y a|j ai|jai|c est|cest|est|sont|a|ai|on a|reste|affiche|vois|marche"
        f"|fonctionne|il) {_STILL}",
        "(ca|cela|ceci|c|il|elle|le|la|rien|tout|bouton|page|correction) (_ )?(ne |n )?(se |s"
        f" )?{_WORK} (_ )?(pas|plus|rien)"
        "(?! (seulement|grave|obligatoire))",
        f"^(ca |cela |il |elle |ne )*{_WORK} (pas|plus|rien|toujours pas|tjrs pas|tjs pas)",
        f"(ne |n )(_ )?{_WORK} (pas|plus|rien|toujours pas|aucun~)(?! (seulement))",
        "(rien|aucun changement|aucune difference|pas de changement|aucun effet|pas mieux"
        "|aucune amelioration)"
        " ?(n a change|ne change|a change|ne se passe|ne marche|ne fonctionne|n a bouge|ne"
        " bouge|de change)?"
        "(?= *([.,!;\n]|$))",
        f"(la |le |les )?meme(s)? {_ERROR}(?! (de format|format))|meme (resultat|chose"
        "|comportement)(?= *([.,!;\n]|$))",
        f"(encore|a nouveau|de nouveau|re) (_ )?(la meme|le meme|une erreur|l erreur|{_ERROR}"
        "|faux|casse)",
        "(casse|plante|erreur|probleme|faux|pareil|fail) (encore|a nouveau|de nouveau)",
        "(c est|cest|reste|est|sont) (_ )?(pareil|identique|la meme chose|inchange)(?= *"
        "([.,!;\n]|$))",
        "(pas|n est pas|toujours pas|non) (_ )?(corrige|resolu|regle|fixe|bon|correct|ca|cela"
        "|fait|applique|pris en compte"
        "|ce que|comme ca|comme|la bonne|le bon)(?! (besoin|grave|la peine))(?= *([.,!;\n]|$"
        "|ce|je|que|non|du|il|on))",
        "^(non|nan|nop|nope)[,. ]+(ca|c|ce|je|pas|il|elle|le|la|les|tu|en|toujours|mais|plutot"
        "|l|on|justement|non|cest)"
        "(?! est (bon|parfait))",
        "(c est|cest|ce n est|c etait|ca n est|ce nest) (_ )?(pas|faux|nul|mauvais|incorrect"
        "|casse|pire|n importe quoi"
        "|de la merde|moche|horrible)(?! (grave|necessaire|urgent|obligatoire|un probleme|la"
        " peine|un souci|mal))",
        "^(faux|incorrect|mauvais~|raté|rate|perdu|nul|pas bon|pas ca|pas comme ca|pas"
        " exactement|pas tout a fait)"
        "(?= *([.,!;:\n]|$|c|il|je))",
        "(je|j|on) (_ )?(t |te |vous |avais |ai |l |lai |tai |deja )+(_ )?(dit|demande"
        "|explique|precise|mentionne|ecrit"
        "|repete|parle)",
        "(j ai dit|jai dit|j avais dit|je disais|je repete|je parlais|je voulais dire|comme "
        "(je )?(l ai |t ai |j ai )?"
        "(dit|demande)|je t ai dit|je tai dit)",
        "(je|j) (n |ne )?(_ )?(pas|rien|jamais) (_ )?(demande|voulu|dit)|je (ne )?(veux"
        "|voulais) pas (_ )?(que|de|d|ca|du)",
        "ce que (je|j) (_ )?(demande~|veux|voulais|dit|attendais)",
        "(tu|vous|t) (_ )?(as|avez|a|es|ete) (_ )?(casse|supprime|efface|enleve|oublie|ignore"
        "|perdu|saute|retire"
        "|tout casse|mal|rien|pas|encore|juste|seulement|change le mauvais|bousille|pete|zappe"
        "|ecrase|invente|trompe|rate)",
        "(tu|vous) (n |ne )?(_ )?(pas|rien|jamais) (_ )?(corrige|fait|lu|compris|respecte"
        "|change|mis|ajoute|pris|regarde"
        "|ecoute|suivi|teste)",
        "(tu|vous) (te trompes|vous trompez|oublies|ignores|continues|insistes|hallucines"
        "|racontes|comprends pas|ecoutes pas"
        "|ne comprends pas|n ecoutes pas|fais n importe)",
        "(pourquoi|pkoi|pk|pq|comment ca) (_ )?(tu|as tu|avez vous|t as|toujours|encore|ne|n"
        "|pas|est ce que tu|a t il|tu as)"
        "(?! (penses|recommandes|proposes|conseilles|peux))",
        "^(s il te plait |stp |svp )?(annule|reviens|revenir|remets|remet|retablis|restaure"
        "|defais|revert|rollback|enleve ce"
        " que|remettre)(?! (button|bouton|la commande|une|un))",
        "(annule (ca|tout|les|ta|tes|la derniere|le dernier|ces)|remets (_ )?comme (avant|c"
        " etait)|comme c etait avant"
        "|comme avant|reviens (a|en arriere|sur)|revenir (en arriere|a la version))",
        "(arrete|arreter|cesse) (de|d) (_ )?(faire|creer|changer|ajouter|inventer|toucher"
        "|mettre|modifier|supprimer|utiliser)",
        f"(maintenant|mtn|desormais|du coup|et la|depuis) (_ )?({_NOT}|casse|cassee|plante"
        f"|{_ERROR}|pire|vide|disparu|faux"
        "|manque|ne|n)",
        "(pire|plus mal) (qu avant|que avant|encore|maintenant)|c est pire|cest pire|est pire"
        "|a tout casse|tout casse"
        "|ca a casse|ne marche plus|marche plus|ne fonctionne plus|fonctionne plus|a disparu"
        "|est revenu|regression",
        f"mais (_ )?({_NOT}|toujours|encore|{_ERROR}|faux|casse|ne|n|manque)",
        "(deuxieme|troisieme|quatrieme|enieme|derniere|dixieme|2eme|3eme|4eme) fois|combien de"
        " fois",
        "(putain|merde|bordel|chier|connard|idiot|stupide|nul|ridicule|n importe quoi|nimporte"
        " quoi|wtf|fait chier"
        "|inadmissible|inutile|tu te moques|tu te fous|serieusement)",
        "au lieu (de|d) (_ )?(ca|j|je|il|affiche|c)|(affiche|retourne|donne|renvoie) (_ )?au"
        " lieu (de|d|du)",
        "(corrige|fais|refais|repare) (_ )?(correctement|encore|bien|pour de bon|cette fois"
        "|comme il faut|une bonne fois)",
    ),
    loose=(
        "(ne|n|pas|rien|aucun|aucune|jamais|sans|personne|impossible|ni)(?! (seulement"
        "|que|oublier|de souci"
        "|de probleme|besoin))",
        "(?<=\\w )plus(?! (seulement|que|oublier|de souci|de probleme|besoin))",
        f"{_STILL}",
        "(manque|manquent|manquant~|vide|vides|casse~|faux|fausse|mauvais~|mal|pire|bizarre~"
        "|etrange~|moche~|incorrect~"
        "|double~|doublon~|coupe~|tronque~|decale~|chevauch~|deborde~|depasse~|invisible~"
        "|cache~|lent|lente|bloque~|fige~"
        "|freeze|clignote~|disparai~|disparu~|perdu~|invalide~|echoue~|echec|plante~|crash~"
        "|erreur~|probleme~|souci~|bug"
        "|bugs|bugge~|exception|illisible~|incoherent~|incomplet~|trop|confus~|different~"
        "|superflu~|inutile~|etire~|deforme~"
        "|repete~|obsolete~|timeout|tombe~|saute~|ratee?|blanc|blanche|rame|ko)",
        f"(j ai|jai|ya|y a|il y a|une|un|cette|ces|avec|la|l) (_ )?{_ERROR}",
        "^(non|nan|hm+|euh|attends|attend|attendez|desole|en fait|en realite"
        "|mais(?! \\w+s d[aeo]s? )|cependant"
        "|par contre|sauf|pourtant|bizarre"
        "|pourquoi|tu es sur|t es sur|etrange|oups|stop|vraiment|attention|bah|ben)(?! (de|d"
        "|ca va|merci))",
        "(encore une fois|a nouveau|de nouveau|refais|recommence|reessaie|reessaye|depuis le"
        " debut|de zero)",
        "(tu es sur|t es sur|es tu sur|as tu (_ )?(teste|verifie|lu|regarde|pense|oublie)|tu"
        " as (_ )?(teste|verifie|lu|mis"
        "|fait|change|ajoute|utilise|oublie)|sur que)",
        "(affiche|montre|renvoie|retourne|donne|vois|voit|apparait|sort) (_ )?(que|seulement"
        "|toujours|un|une|juste|des)",
        "(je pensais|je voulais|j attendais|je m attendais|je croyais|je prefere|j aurais|j ai"
        " demande)",
        "(pourquoi|pk|pkoi) (_ )?(est|c|il|elle|le|la|les|y a|j|on)",
        "(corrige|corriger|corrigez|repare|resous|fixe|verifie|revois|revoir)",
        "(presque|mieux),? mais|presque|c est mieux|cest mieux",
    ),
    restated=(
        "(devrait|devraient|doit|doivent|il faut|faut|faudrait|veux|voudrais|voulais|cense~"
        "|censee~|aimerais|attends)",
        "(au lieu (de|du|d)|plutot que|plutot|et non|pas le|pas la|mais pas)",
        "(mais(?! \\w+s d[aeo]s? )|sauf|excepte|cependant|par contre|toutefois|hormis|pourtant)",
        "^(maintenant|aussi|le|la|les|l|quand|lorsque|dans|sur|il|elle|on|c est|cest|ca|y a|en"
        "|au|des)",
    ),
    contrasts=("mais", "sauf", "excepte", "cependant", "par contre", "toutefois", "pourtant",
    "juste", "seulement", "encore",
               "presque", "hormis", "a part"),
    accepts=(
        "(ca|cela|c|tout|maintenant|enfin|oui|super|parfait|bien|nickel)[,. ]+(ca |tout "
        "|maintenant |est |enfin )*(marche"
        "|fonctionne|va bien|passe|bon|regle|resolu|corrige|ok|parfait|mieux|nickel)( (bien"
        "|maintenant|parfaitement|nickel"
        "|super bien|tres bien|enfin|mieux|correctement))*(?= *([.,!;\n)]|$|merci|et|on))(?! "
        "(pas|plus))",
        "^(marche|fonctionne|regle|resolu|corrige|c est bon|cest bon|c est (parfait|super"
        "|nickel|ca|mieux|top|genial|exactement"
        "|regle|corrige|resolu|bien|good)|cest (parfait|super|nickel|ca|mieux|top))( "
        "(maintenant|merci|bien))?"
        "(?= *([.,!;\n]|$|merci|et|on|maintenant))",
        "^(parfait|super|excellent|genial|nickel|impeccable|top|magnifique|formidable|tres"
        " bien|bravo|bien joue|beau travail"
        "|bon travail|exactement|j adore|jadore|j aime|incroyable|au top|c est tout bon|tout"
        " est bon|beaucoup mieux|bien mieux"
        "|niquel|merveilleux)(?= *([.,!;:\n)]|$|merci|maintenant|et|on|ca|c|travail|passons))",
        "(ca a (marche|fonctionne|regle|corrige|resolu)|tu as (reussi|resolu)|probleme (regle"
        "|resolu))",
        "(ca rend|c est|cest|c est devenu) (tres |vraiment |super |bien )*(bien|beau|top"
        "|propre|parfait)",
    ),
    thanks=(
        "^(merci|merci beaucoup|bien|cool|d accord merci|ok merci|chouette|mci|thx)(?= *"
        "([.,!;:\n)]|$|ca|c|maintenant|et"
        "|beaucoup|pour (ton|votre|le travail|ca)))(?! d avance)",
    ),
    moves_on=(
        "^(suivant|suivante|prochaine? |ensuite|passons|passe a|on passe|continuons avec"
        "|continue avec|maintenant (on|je|il"
        " faut|tu peux|ajoute|cree|implemente|fais|peux tu|passons|ajoutons|faisons|j aimerais"
        "|je veux|je voudrais|fait|mets"
        "|met|modifie|cre|occupons|attaquons|pour)|attaquons|allons y pour|on continue avec|on"
        " attaque)"
        "(?! (ca|il y a|le bouton ne|j ai|je vois))",
        "^(aussi|egalement|de plus|en plus|par ailleurs|en outre|et aussi)[, ]+(ajout~|j"
        " aimerais|je veux|je voudrais|cree"
        "|il faudrait|mets|fais|peux tu|implement~|modifi~|chang~|pourrais)",
        "^(autre chose|une autre (chose|tache|fonctionnalite|question)|un autre (sujet|point)"
        "|encore une chose|derniere chose"
        "|nouvelle (tache|fonctionnalite|feature)|nouveau sujet|changeons de sujet|pour (la"
        "|le) (suite|suivant~|prochain~))",
        "^(etape|phase|partie|tache|ticket|point|story|sprint|lot) ?#?(\\d|un|deux|trois)",
        "^(puis|apres (ca|cela)|une fois (fini|fait|termine))(?! (ca|il|c))",
        "^(fais|implemente|commence|continue (avec|par)|demarre|execute|attaque|passe) (_ )?"
        "(prochain~|suivant~|etape|phase"
        "|tache|partie|point)",
    ),
    control=(
        "oui", "ouais", "ui", "ouip", "yes", "ok", "okay", "d accord", "dac", "daccord",
        "bien sur", "vas y", "va y", "vasy",
        "go", "continue", "continuer", "continuez", "poursuis", "poursuivre", "procede",
        "fais le", "fait le", "fais ca",
        "fais", "allez", "allez y", "on y va", "c est parti", "cest parti", "parfait", "super",
        "tres bien", "bien", "exact",
        "exactement", "c est ca", "cest ca", "correct", "non", "non merci", "merci",
        "merci beaucoup", "s il te plait",
        "s il vous plait", "stp", "svp", "je confirme", "confirme", "valide", "je valide",
        "c est valide", "accepte", "approuve",
        "la premiere", "le premier", "la deuxieme", "le deuxieme", "les deux", "tous", "toutes",
        "tout", "aucun", "oui les deux",
        "comme tu veux", "comme tu recommandes", "ta recommandation", "a toi de voir",
        "je suis d accord", "ca me va", "ca marche",
        "c est bon", "cest bon", "bonjour", "salut", "compris", "termine", "commence", "demarre",
        "arrete", "attends", "annule",
        "oui vas y", "oui continue", "continue s il te plait", "la suite", "suite", "applique",
        "et", "parfait merci", "top",
        "nickel", "genial", "reprends", "reprend", "poursuit", "fonce", "lance", "lance toi",
    ),
    chores=(
        "^(fais|fait|faire|cree|creer|ouvre|realise|lance|execute|prepare) (_ )?(commit|push"
        "|pr|pull request|merge|mr|deploiement"
        "|branche|rebase|deploy)",
        "^(commit|commite|commiter|commits|push|pushe|pousse (les|le|tout|sur|la)|merge|merger"
        "|fusionne|rebase|deploie|deployer"
        "|publie|redemarre|redemarrer|relance|compile|rebuild|installe les dependances|formate"
        "|sauvegarde les changements)"
        "(?! (message|bouton))",
        "^(lance|lancer|execute|relance|fais tourner|fais passer|passe) (_ )?(tests?|linter"
        "|lint|build|serveur|server|suite|projet"
        "|app|appli|application|migrations?)",
        "^(demarre|arrete|stoppe|coupe|relance|redemarre) (le |la |les |l )?(serveur|server"
        "|app|appli|backend|frontend|conteneur~"
        "|service~|docker)",
        "^(statut|git status|montre le statut)(?= *([.,!?\n]|$))",
    ),
    chore_stops=(
        "(corrige~|ajoute~|implemente~|modifie~|cree (?!(un |une |la |le |nouvelle )*(commit"
        "|pr|pull|branche|mr)\\b)|erreur~"
        "|echoue~|doit|devrait|ecris|remplace|pourquoi|pas)",
    ),
    tasks=(
        "^((s il te plait|stp|svp|maintenant|aussi|peux tu|tu peux|pourrais tu) )*(corrige|corriger"
        "|repare|reparer|resous|resoudre|fixe|debogue) (le|la|les|l|un|une|tous les|toutes les)"
        " (_ )?\\w+ (qui (echoue(nt)?|plante(nt)?|manque(nt)?|ne passent? pas)|casse~|en echec"
        "|manquant~"
        "|defaillant~|incorrect~|obsolete~|doublon~|lente?s?)",
        "^((s il te plait|stp|svp|maintenant|aussi|et|ensuite|puis|peux tu|tu peux|pourrais tu"
        "|pouvez vous|je veux que tu"
        "|j aimerais que tu|je voudrais|j aimerais|je veux|il faut|aide moi a|on va|on doit|j"
        " ai besoin d~|il faudrait|tu dois"
        "|me|moi) )*(ajout~|cree~|implement~|ecri~|fais|faire|gener~|refactor~|renomm~|deplac~"
        "|met|mets|mettre|metter|chang~"
        "|configur~|convert~|remplac~|enlev~|supprim~|integr~|amelior~|optimis~|document~"
        "|extrai~|separ~|utilis~|verifi~"
        "|analys~|cherch~|expliqu~|decri~|resum~|compar~|test~|prepar~|planifi~|tradui~"
        "|concoi~|modifi~|ajust~|install~|migr~"
        "|montr~|donn~|constru~|developp~|permet~|un|une|lis|defini~|valid~|copi~|simplifi~"
        "|organis~|tri~|filtr~|export~|import~"
        "|charg~|connect~|reecri~|inclu~|reli~|rajout~|regard~|passer?)",
        "^(tu es un|agis comme|en tant que|objectif|contexte|tache|dans le|dans la|dans|pour"
        " le|pour la|en utilisant|base)",
    ),
    questions=(
        "^(que|quoi|quel~|qu est ce|quest ce|comment|quand|ou est|ou sont|ou se|qui|pourquoi"
        "|pk|combien|est ce|lequel|laquelle"
        "|a quoi|c est quoi|cest quoi|de quoi)",
        "^(est il|y a t il|a t on|peut on|puis je|dois je|devons nous|faut il|sais tu|penses"
        " tu|crois tu|il y a|tu sais"
        "|explique|expliques|dis moi|peux tu m expliquer|as tu|tu penses|tu connais) ",
    ),
    requests=(
        "^(et |maintenant |stp )?(peux tu|pourrais tu|pouvez vous|pourriez vous|tu peux|tu"
        " pourrais|vous pouvez"
        "|est ce que tu (peux|pourrais))(?! (_ )?(expliqu~|dire|decri~|resum~|confirm~|voir"
        "|lire|acceder|preciser))",
    ),
    known_by=
    "le les des du un une et est pas ne dans sur avec pour que qui ce cette ces ca cela mais"
    " ou donc il elle on nous"
    " vous tu je te moi toi mon ton son ma ta sa mes tes ses au aux plus tout tous faire fais"
    " fait ajoute cree peux veux"
    " voudrais marche fonctionne toujours encore erreur bouton fichier meme maintenant aussi"
    " merci oui non bien parfait super"
    " suivant etape continue corrige sont ai as avons avez ont y j qu rien aucun affiche"
    " manque remets annule"
    " pourquoi comment quand relance lance page donnees casse supprime oublie demande dit vas"
    " allez jai cest est ensuite passons",
    hypotheses=("si(?! (tu as|je|on))(?= )", "au cas ou", "assure toi", "assurez vous",
    "pour que", "afin que", "afin de",
                "sinon", "a moins que", "pour eviter", "evite", "eviter", "pas seulement",
                "pas de probleme", "pas de souci",
                "n oublie pas", "noublie pas", "jusqu a ce que", "sans casser", "verifie que",
                "verifie si", "messages? d erreur",
                "gestion des? erreurs?", "ne t inquiete pas", "tant que"),
    fillers=("ok", "bon", "bien", "alors", "et", "mais", "desole", "s il te plait", "stp", "svp",
    "oui", "bonjour", "salut",
             "merci", "parfait", "super", "genial", "maintenant", "hm+", "euh", "donc", "en fait",
             "je crois que", "je pense que",
             "on dirait que", "malheureusement", "apparemment", "ah", "oh", "bah", "ben",
             "du coup", "d accord", "tres bien",
             "hello", "attends", "nickel"),
)  # fmt: skip
