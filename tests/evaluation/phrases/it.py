"""Italian."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="it",
    topics=(
        Topic(
            file="src/turni/orario.py",
            task=(
                "in orario.py i turni di notte devono finire il giorno dopo, adesso vengono "
                "negativi"
            ),
            symptoms=(
                "il turno 22-6 mi dà -16 ore",
                "adesso sono 8 ore ma finiscono nello stesso giorno",
                "la domenica notte risulta sempre vuota",
                "nel riepilogo mensile c'è un totale di 712 ore per Rossi",
                "col cambio dell'ora mi dà 7 ore invece di 9",
            ),
            expected=(
                "dalle 22 alle 6 sono otto ore, due sul primo giorno e sei sul secondo",
                "un turno che passa la mezzanotte va diviso fra i due giorni",
            ),
            again=(
                "i turni di notte in orario.py devono finire il giorno dopo, adesso sono negativi",
                "in orario.py i turni di notte deveno finire il giorno dopo, ora vengono negativi",
            ),
            error=(
                'Traceback (most recent call last):\n  File "src/turni/orario.py", line 45, in '
                "durata\n"
                "ValueError: hour must be in 0..23"
            ),
            series=(
                "adesso aggiungi a orario.py le pause",
                "poi la maggiorazione per i festivi",
                "e infine l'esportazione per le paghe",
            ),
            refine=(
                "per gli apprendisti la notte comincia alle 20, è scritto nel contratto",
                "nella sede di Trieste gli orari sono in UTC, occhio",
            ),
            variations=(
                "prova a mostrare le ore come 8h30 invece di 8,5",
                "forse meglio 8:30",
                "e allinea a destra",
            ),
            praise="ottimo, i conti tornano. rendi configurabile anche l'ora d'inizio della notte",
        ),
        Topic(
            file="web/galleria/Foto.svelte",
            task=(
                "le foto in Foto.svelte si caricano tutte insieme, caricale solo quando entrano "
                "nello schermo"
            ),
            symptoms=(
                "nella scheda rete vedo 240 richieste appena apro la pagina",
                "adesso non se ne carica nessuna finché non ridimensiono la finestra",
                "scorrendo veloce restano riquadri grigi",
                "su Safari partono tutte e 240",
                "l'ultima riga non compare mai",
            ),
            expected=(
                "all'apertura le prime otto o dieci, le altre man mano che scendo",
                "una foto va scaricata quando manca circa uno schermo per arrivarci",
            ),
            again=(
                (
                    "carica le foto solo quando entrano nello schermo, in Foto.svelte si "
                    "caricano tutte insieme"
                ),
                (
                    "Foto.svelte: le immagini vanno caricate soltanto quando diventano visibili, "
                    "non tutte insieme"
                ),
            ),
            error=(
                "ReferenceError: IntersectionObserver is not defined\n    at osserva "
                "(Foto.svelte:31:20)\n"
                "    at mount (Foto.svelte:77:5)"
            ),
            series=(
                "prossima cosa in Foto.svelte: lo zoom al doppio clic",
                "dopo, le frecce della tastiera",
                "e poi la condivisione del link",
            ),
            refine=(
                "con la connessione lenta usa le miniature, c'è già navigator.connection",
                "per la stampa invece servono tutte, c'è una pagina apposta",
            ),
            variations=(
                "prova con gli angoli arrotondati",
                "un po' meno arrotondati",
                "e lo sfondo avorio",
            ),
            praise="bellissimo, adesso è fluida. aggiungi una dissolvenza quando compaiono",
        ),
        Topic(
            file="scripts/sincronizza.sh",
            task="sincronizza.sh copia anche i file temporanei, devono restare fuori",
            symptoms=(
                "sul server ci sono ancora 300 file .tmp di stanotte",
                "adesso non copia più niente",
                "i .tmp nelle sottocartelle passano lo stesso",
                "ha cancellato i .tmp anche qui da me",
                "la cartella cache finisce sul server ogni volta",
            ),
            expected=(
                "niente *.tmp e niente cache/ sul server, a qualunque livello",
                "i temporanei restano qui e basta, senza essere toccati",
            ),
            again=(
                "i file temporanei devono restare fuori, sincronizza.sh li copia",
                "sincronizza.sh copia anche i file temporanei, devono rimanere fuori per favore",
            ),
            error=(
                "rsync: [sender] --exclude: unknown option\n"
                "rsync error: syntax or usage error (code 1) at main.c(1863)\nsincronizza.sh: "
                "line 19: fatal"
            ),
            series=(
                "adesso sincronizza.sh deve anche verificare le somme",
                "poi un registro con data e ora",
                "e un'opzione per provare senza copiare",
            ),
            refine=(
                "sul disco di rete i nomi finiscono in .TMP maiuscolo",
                "per la cartella legale invece serve tutto, anche i temporanei",
            ),
            variations=(
                "mostra l'avanzamento in percentuale",
                "meglio il numero di file",
                "oppure solo alla fine",
            ),
            praise="perfetto così. metti l'elenco delle esclusioni in un file a parte",
        ),
    ),
    complaints=(
        "no, non ci siamo",
        "non funziona ancora",
        "non è quello che ti ho chiesto",
        "di nuovo sbagliato",
        "non è cambiato niente",
        "adesso è peggio di prima",
        "hai toccato il punto sbagliato",
        "è ancora rotto, guarda bene",
    ),
    control=("sì", "vai avanti", "ok procedi", "la 2"),
    chores=("lancia i test", "fai il commit", "fai push", "riavvia il server"),
    questions=(
        "dove viene salvata la lingua dell'utente?",
        "perché ci sono due tabelle clienti?",
        "si può fare senza migrazione?",
    ),
    thanks=("perfetto, grazie", "ci siamo, grazie mille", "ora va, bravo"),
    reviews=(
        "commento di Sara nella PR: estrarre la costante",
        "secondo giro di revisione: rinominare la funzione di supporto",
        "ultimo commento: usare il formato data comune",
    ),
    template="traduci i testi di {x} con la stessa struttura delle altre lingue",
    wordings=(
        "elenca tutti i punti in cui calcoliamo l'IVA a mano",
        "cerca nel codice dove l'IVA viene calcolata manualmente",
        "dove calcoliamo l'IVA senza la funzione comune? fammi una lista",
    ),
    job="controlla il registro dell'importazione notturna e riassumi le righe fallite",
)
