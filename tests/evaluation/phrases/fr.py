"""French."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="fr",
    topics=(
        Topic(
            file="src/panier/remise.ts",
            task="dans remise.ts le code promo doit s'appliquer avant les frais de port, pas après",
            symptoms=(
                "j'ai 90 € dans le panier, 10 % de remise, et le total affiche 88,20 avec le port",
                "la remise disparaît dès que je change le mode de livraison",
                "les frais de port sont à zéro maintenant",
                "sur mobile le total n'est recalculé qu'après rechargement",
                "avec deux codes, le second est appliqué sur le port",
            ),
            expected=(
                "90 moins 10 % ça fait 81, puis on ajoute 7,90 de port : 88,90",
                "le port s'ajoute toujours en dernier, sur le montant déjà remisé",
            ),
            again=(
                (
                    "le code promo doit s'appliquer avant les frais de port et pas après, dans "
                    "remise.ts"
                ),
                "dans remise.ts le code promo doit être appliqué avant les frais de port",
            ),
            error=(
                "TypeError: Cannot read properties of null (reading 'taux')\n"
                "    at appliquerRemise (src/panier/remise.ts:64:18)\n    at total "
                "(src/panier/remise.ts:90:10)"
            ),
            series=(
                "ensuite ajoute dans remise.ts la gestion des bons d'achat",
                "puis une date de fin pour chaque code",
                "et pour finir l'historique des codes utilisés",
            ),
            refine=(
                "au fait, pour les DOM le port est taxé à part, c'est dans la table zones",
                "les codes des partenaires ne se cumulent pas, le marketing vient de me le dire",
            ),
            variations=(
                "affiche la remise en vert pour voir",
                "plutôt sur une ligne à part, sous le sous-total",
                "et sans le signe moins",
            ),
            praise="nickel, le total est bon. rends le taux de TVA paramétrable aussi",
        ),
        Topic(
            file="api/recherche/index.py",
            task="la recherche dans api/recherche/index.py doit ignorer les accents",
            symptoms=(
                "je tape « elephant » et je n'ai aucun résultat, « éléphant » en donne 12",
                "les résultats sortent mais en double",
                "ça marche pour é et è, pas pour ç ni œ",
                "la recherche met 4 secondes maintenant",
                "en majuscules accentuées on n'a rien, essaie avec ÉCOLE",
            ),
            expected=(
                "« ecole », « école » et « ÉCOLE » devraient ramener la même liste",
                "accents, cédilles et ligatures : tout pareil pour la recherche",
            ),
            again=(
                "il faut que la recherche ignore les accents dans api/recherche/index.py",
                "la recherche dans api/recherche/index.py doit ignorrer les accents stp",
            ),
            error=(
                'Traceback (most recent call last):\n  File "api/recherche/index.py", line 33, '
                "in normaliser\n"
                "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 1"
            ),
            series=(
                "maintenant il faudrait la pagination dans api/recherche/index.py",
                "après ça, un tri par date",
                "et enfin les suggestions pendant la frappe",
            ),
            refine=(
                "pour les noms propres il faut garder les accents, champ type = personne",
                "l'ancien catalogue est en latin-1, il faudra convertir avant",
            ),
            variations=(
                "montre l'extrait en italique",
                "plutôt surligné en jaune",
                "trois lignes d'extrait au lieu de deux",
            ),
            praise="parfait, ça trouve tout. ajoute juste la tolérance d'une faute de frappe",
        ),
        Topic(
            file="web/calendrier/Semaine.jsx",
            task="Semaine.jsx commence le dimanche, il faut que la semaine commence le lundi",
            symptoms=(
                "la première colonne c'est dimanche chez moi",
                "les en-têtes disent lundi mais les rendez-vous sont décalés d'un jour",
                "la semaine 52 apparaît deux fois",
                "le dimanche 3 est affiché dans la semaine d'après",
                "en vue imprimable ça commence par dimanche",
            ),
            expected=(
                "lundi à gauche, dimanche tout à droite, et les rendez-vous sous le bon jour",
                "le 3 février est un lundi, il doit être en première colonne",
            ),
            again=(
                (
                    "il faut que la semaine commence le lundi dans Semaine.jsx, là elle commence "
                    "le dimanche"
                ),
                "Semaine.jsx : faire commencer la semaine le lundi au lieu du dimanche",
            ),
            error=(
                "FAIL web/calendrier/Semaine.test.jsx\n  AssertionError: expected 'dim.' to "
                "equal 'lun.'\n"
                "      at Context.<anonymous> (Semaine.test.jsx:21:31)"
            ),
            series=(
                "ensuite il faudrait les jours fériés dans Semaine.jsx",
                "puis le glisser-déposer des rendez-vous",
                "et pour terminer l'export iCal",
            ),
            refine=(
                "pour les équipes de Dubaï le premier jour est le samedi, c'est dans leur profil",
                "le numéro de semaine doit suivre la norme ISO, les RH en ont besoin",
            ),
            variations=(
                "grise le week-end pour voir",
                "un gris plus clair plutôt",
                "et les heures à droite au lieu d'à gauche",
            ),
            praise="super, c'est bon. tu peux mémoriser le choix du premier jour par utilisateur",
        ),
    ),
    complaints=(
        "non, c'est pas ça",
        "ça ne marche toujours pas",
        "ce n'est pas ce que j'ai demandé",
        "encore faux",
        "rien n'a changé",
        "c'est pire qu'avant",
        "tu as modifié au mauvais endroit",
        "raté, regarde mieux",
    ),
    control=("oui", "continue", "ok vas-y", "la 2"),
    chores=("lance les tests", "fais le commit", "pousse", "relance le serveur"),
    questions=(
        "où est stockée la langue de l'utilisateur ?",
        "pourquoi y a-t-il deux tables de clients ?",
        "on peut faire ça sans migration ?",
    ),
    thanks=("super, merci", "c'est bon, merci beaucoup", "nickel, ça marche"),
    reviews=(
        "retour de Chloé sur la PR : sortir la constante",
        "deuxième tour de relecture : renommer la fonction utilitaire",
        "dernier commentaire : utiliser le format de date commun",
    ),
    template="traduis les textes de {x}, même structure que les autres langues",
    wordings=(
        "liste tous les endroits où on calcule la TVA à la main",
        "cherche dans le code où la TVA est calculée manuellement",
        "où est-ce qu'on calcule la TVA sans la fonction commune ? fais-moi une liste",
    ),
    job="vérifie le journal de l'import de nuit et résume les lignes en échec",
)
