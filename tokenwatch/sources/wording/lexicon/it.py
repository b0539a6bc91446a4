"""Italian."""

from __future__ import annotations

from tokenwatch.sources.wording.lexicon.words import Words

_YET = "(ancora|continua|continuano|persiste|rimane|tuttora|sempre)"
_ERROR = "(errore|errori|problema|problemi|bug|eccezione|eccezioni|avviso|avvisi|error)"
_WORK = (
    "(funziona|funzionano|funzionava|ha funzionato|funzina|funzioan|va|vanno|parte|carica"
    "|compare|appare|appaiono|mostra"
    "|mostrano|salva|apre|si apre|risponde|cambia|e cambiato|aggiorna|si aggiorna|compila"
    "|risolve|ha risolto|cambiato"
    "|fa nulla|fa niente|succede|si vede|vedo|vede|basta|si avvia|avvia|coincide|corrisponde"
    "|gira|visualizza)"
)

WORDS = Words(
    strict=(
        "(hai )?(cambiato|corretto|modificato|sistemato) solo",
        "solo (cambiato|corretto|modificato|sistemato)",
        "^cosi no",
        "hai peggiorato",
        "vedo ancora",
        "(ancora|continua a|continuano a|tuttora|sempre) (_ )?(non|sbagliat~|rott~|vuot~|lo"
        " stesso|la stessa|dare|darmi|fallire"
        f"|mostrare|errore|mancante|il problema|un errore|l errore|male|uguale|{_ERROR})",
        "(c e|ce|ci sono|e|sono|ho|vedo|mi da|da|ricevo|resta) (ancora|sempre|tuttora) (_ )?"
        "(l |lo |il |un |la |le |i |gli )?(_ )?"
        f"({_ERROR}|stess~|non|sbagliat~|vuot~|rott~|uguale|visibile|li|lì|qui)",
        f"non (_ )?{_WORK} (ancora|comunque|lo stesso|nemmeno|piu)",
        f"(ancora|neanche|ora|adesso|ma|cosi|questo|quello|pero|comunque) non (_ )?({_WORK}|e"
        "|sono|ha|c e|ce|ci|si|mi)",
        f"^(questo |cosi |ancora )?non (mi |si |lo |la |ci )*{_WORK}",
        "non (_ )?(funzion~|funzina|va bene|risolt~|cambia(to)? (nulla|niente))",
        f"(lo |la |gli |le |il )?stess[oaie] {_ERROR}(?! (di formato|handler))|stesso "
        "(risultato|comportamento)",
        "(di nuovo|ancora una volta|nuovamente|un altra volta) (_ )?(lo stesso|la stessa"
        f"|{_ERROR}|sbagliat~|rotto|non)",
        "(errore|sbagliato|rotto|fallito|uguale|stesso|male) (di nuovo|un altra volta|nuovamente)",
        "(e|resta|rimane|tutto|sembra) (_ )?(uguale|come prima|identico|la stessa cosa"
        "|invariato)(?= *([.,!;\n]|$))",
        "(niente|nulla) (_ )?(e cambiato|cambiato|funziona|succede|cambia)|non (e|sono)"
        " cambiat~|nessun (cambiamento|effetto)"
        "|nessuna (differenza|modifica)",
        "non (_ )?(e|era|hai|ha) (_ )?(corrett~|risolt~|sistemat~|giust~|quello|cosi|cio che"
        "|quanto|quel che|vero|bene)",
        "^(no|nono)[,. ]+(non|questo|cosi|io|il|la|e|voglio|volevo|era|devi|lo|ti|intendevo"
        "|quello|sbagliato|hai)"
        "(?! (serve|importa|problem))",
        "(e|era|sono|tutto|questo|hai fatto|viene|adesso|ora) (_ )?(sbagliat~|rott~|peggio"
        "|peggior~|errat~|un disastro"
        "|orribile|inutile|una schifezza)(?! (gestit~))",
        "^(sbagliato|errato|falso|male|pessimo)(?= *([.,!;:\n]|$))",
        "(ti |te |l |lo |gia )+(_ )?(avevo|ho|l ho) (_ )?(detto|chiesto|spiegato|scritto"
        "|ripetuto)|(ho|avevo) (_ )?(gia )?(detto"
        "|chiesto|specificato) (_ )?(di|che|un|una|il|la|solo|non)|come (ti )?(ho|avevo) "
        "(detto|chiesto)|ripeto|intendevo",
        "non (ti )?(_ )?(ho|avevo) (_ )?(chiesto|detto|voluto)|non (volevo|voglio|intendevo) "
        "(_ )?(che|questo|un|una|il|la|cosi)"
        "|(quello|cio) che (ti )?(ho|avevo|volevo|intendevo|voglio) ?(chiesto|detto|io)?",
        "(hai|avete) (_ )?(rotto|cancellato|rimosso|eliminato|dimenticato|ignorato|perso|tolto"
        "|saltato|rovinato|sbagliato"
        "|incasinato|sovrascritto|inventato|frainteso|spaccato|scordato|distrutto)",
        "non (hai|lo hai|l hai|avete) (_ )?(corretto|fatto|letto|capito|rispettato|cambiato"
        "|messo|aggiunto|considerato|seguito"
        "|risolto|aggiornato|modificato|verificato)|(non|continui a) (_ )?(capisci|ascolti"
        "|leggi|ignorare|sbagliare|fare)"
        "|ti sei (sbagliato|dimenticato|scordato)|ti sbagli|stai (sbagliando|ignorando|inventando)",
        "(perche|xche|xke|come mai) (_ )?(hai|ancora|non|continui|continua|sempre|lo hai)",
        "^(per favore |perfavore )?(annulla|ripristina|torna indietro|rimetti|revert|rollback"
        "|riporta|torna (a|alla|al) "
        "(com|version|prima|preced))(?! (button|pulsante|ordine|un|una))",
        "(annulla (tutto|questo|le|la|l|quest)|com era prima|come era prima|come prima|rimetti"
        " (_ )?(prima|com))"
        "(?! (pulsante))",
        "(smetti|smettila|basta) (di|con) (_ )?(fare|creare|cambiare|aggiungere|inventare"
        "|toccare|mettere|modificare|usare)?",
        "(ora|adesso|e ora|ma ora|ora invece) (_ )?(non|rotto|si rompe|peggio|sparit~"
        "|scomparso|errore|mi da errore|da errore"
        "|vuot~|fallisce|crasha)",
        "(si e rotto|si e rotta|ha smesso di|peggio di prima|e peggio|e peggiorato|ha rotto|e"
        " sparit~|e scompars~|e tornato"
        " l errore|ha rovinato|non piu)",
        f"(ma|pero|tuttavia) (_ )?(non|ancora|{_ERROR}|sbagliat~|manca|continua)",
        "(seconda|terza|quarta|ennesima|ultima|decima) volta|quante volte|cazzo|merda|porca"
        "|stupid~|idiota|ridicolo|schifo"
        "|che palle|vaffanculo|wtf|inaccettabile|fai schifo|dio",
        "(mostra|appare|esce|restituisce|da|vedo) (_ )?(invece di|al posto di|anziche)",
        "(fallo|correggi|sistema|correggilo|sistemalo|aggiusta) (_ )?(bene|di nuovo|per bene"
        "|correttamente|una volta per)",
    ),
    loose=(
        "(mostra|appare|esce|restituisce|segna) (_ )?(\\d+|cero|zero|nan|null|undefined|nada"
        "|nulla)",
        "non(?! (solo|dimenticare|serve|preoccuparti|importa))",
        f"{_YET}",
        "(niente|nulla|nessun~|mai|neanche|nemmeno|impossibile|senza (dati|stile|effetto|testo))",
        "(manca|mancano|mancante~|mancava|vuot[oaie]|rott[oaie]|sbagliat~|errat~|male|peggio"
        "|stran[oaie]|brutt[oaie]|duplicat~"
        "|doppi[oae]|tagliat~|troncat~|disallineat~|sovrappost~|sovrappong~|esce|escono|fuori"
        "|invisibil~|nascost~|lent[oaie]"
        "|bloccat~|congelat~|lampeggia~|sfarfalla~|spari~|scompar~|pers[oaie]|invalid~"
        "|fallisc~|fallit~|crash~|errore|errori"
        "|problema|problemi|bug|eccezione|illeggibil~|incoerent~|incomplet~|troppo|troppa"
        "|confus~|divers[oaie]|superflu~"
        "|inutil~|deformat~|ripetut~|obsolet~|timeout|storto|storti|bianca|bianco|scaduto)",
        f"(un|l|lo|il|gli|ho|c e|ce|mi da|da|ricevo|con|questo|esce) (_ )?{_ERROR}",
        "^(no|hm+|mm+|aspetta|scusa|in realta|ma|pero|tuttavia|tranne|eccetto|strano|perche"
        "|sei sicuro|davvero|ops|stop|guarda"
        "|attenzione|veramente|boh|come mai)(?! (grazie|serve|problem))",
        "(di nuovo|ancora una volta|nuovamente|un altra volta|rifai|riprova|da capo|da zero)",
        "(sei sicur[oa]|hai (_ )?(testato|verificato|controllato|letto|provato|messo|fatto"
        "|cambiato|aggiunto|usato|visto)|sicuro che)",
        "(mostra|appare|vedo|si vede|esce|restituisce) (_ )?(solo|sempre|un|una|soltanto|invece)",
        "(solo|soltanto|sempre) (_ )?(mostra|appare|vedo|funziona|carica|un|una)",
        "(mi aspettavo|volevo|pensavo|credevo|preferisco|preferirei|avrei)",
        "(perche|come mai) (_ )?(e|il|la|c|i|le|si|mi)",
        "(correggi|correggere|sistema|sistemare|aggiusta|risolvi|risolvere|ripara|controlla"
        "|verifica)",
        "(quasi|meglio),? (ma|pero)|quasi|e meglio|migliorato",
    ),
    restated=(
        "(dovrebbe|dovrebbero|deve|devono|bisogna|voglio|vorrei|doveva|ci vuole|serve che)",
        "(invece di|al posto di|anziche|invece|piuttosto|e non|bensi)",
        "(ma|pero|tranne|eccetto|tuttavia|salvo|anche se)",
        "^(ora|adesso|anche|il|la|i|le|gli|lo|quando|nel|nella|sul|c e|ce|si|questo|questa|e|mi)",
    ),
    contrasts=("ma", "pero", "tranne", "eccetto", "tuttavia", "salvo", "solo", "soltanto",
    "ancora", "quasi", "a parte",
               "peccato"),
    accepts=(
        "(ora|adesso|tutto|finalmente|si|perfetto|ok|bene|cosi)[,. ]+(ora |tutto |si |adesso "
        "|finalmente |e )*(funziona|funzionano"
        "|va bene|va|a posto|risolto|corretto|perfetto|ha funzionato|passano|ok)( (bene|tutto"
        "|ora|adesso|perfettamente|benissimo"
        "|correttamente|alla grande))*(?= *([.,!;\n)]|$|grazie|e|ora))",
        "^(funziona|funzionano|risolto|sistemato|corretto|va bene|ha funzionato|a posto)( (ora"
        "|adesso|bene|tutto|perfettamente"
        "|benissimo|alla grande|grazie))*(?= *([.,!;\n]|$|grazie|e|ora))",
        "^(perfetto|ottimo|eccellente|fantastico|benissimo|bravissimo|bravo|grande|esatto"
        "|esattamente|stupendo|magnifico|ben fatto"
        "|ottimo lavoro|bel lavoro|molto bene|molto meglio|mi piace|adoro|meraviglioso"
        "|splendido|spettacolo|va benissimo|tutto ok"
        "|proprio cosi|cosi va bene|top)(?= *([.,!;:\n)]|$|grazie|ora|adesso|e|lavoro|funziona"
        "|andiamo|passiamo))",
        "(hai|questo ha|ha) (_ )?(risolto|sistemato|corretto|aggiustato)(?= *([.,!;\n]|$"
        "|grazie|il problema|tutto))",
        "(e venuto|e|sembra|viene|si vede) (molto |davvero |proprio |tutto )*(bene|perfetto"
        "|ottimo|bello|benissimo|fantastico)",
    ),
    thanks=(
        "^(grazie|grazie mille|bene|bello|ok grazie|ti ringrazio|carino|mitico|va bene grazie)"
        "(?= *([.,!;:\n)]|$|ora|adesso|e"
        "|funziona|mille))(?! in anticipo)",
    ),
    moves_on=(
        "^(prossim[oa]|il prossimo|la prossima|passiamo|andiamo avanti con|proseguiamo"
        "|continuiamo con|procediamo con|ora (voglio"
        "|vorrei|aggiungi|crea|implementa|fai|passiamo|puoi|dobbiamo|facciamo|aggiungiamo|mi"
        " serve|occupiamoci|modifica|metti)"
        "|adesso (voglio|vorrei|aggiungi|crea|implementa|fai|passiamo|puoi|dobbiamo|facciamo"
        "|mi serve|modifica|metti))",
        "^(anche|inoltre|in piu|oltre a cio|per di piu)[, ]+(aggiung~|vorrei|voglio|crea|metti"
        "|fai|puoi|potresti|implementa~"
        "|servirebbe|mi serve|modifica)",
        "^(un altra (cosa|funzionalita|richiesta|domanda)|altra cosa|un altro (punto"
        "|dettaglio)|ancora una cosa|ultima cosa"
        "|nuov[oa] (task|attivita|funzionalita|compito|argomento)|cambiamo argomento|per (il"
        "|la) (prossim~|successiv~))",
        "^(passo|fase|parte|attivita|step|punto|ticket|storia|sprint|task) ?#?(\\d|uno|due|tre)",
        "^(poi|dopo|successivamente|in seguito|una volta (finito|fatto)|dopodiche)(?! (non|il))",
        "^(fai|implementa|inizia|comincia|continua con|esegui|procedi con) (_ )?(prossim~"
        "|successiv~|passo|fase|step|punto|parte)",
    ),
    control=(
        "si", "sì", "certo", "ok", "okay", "va bene", "d accordo", "daccordo", "vai",
        "vai avanti", "vai pure", "continua",
        "continuare", "continuate", "prosegui", "procedi", "procediamo", "procedi pure", "fallo",
        "fai", "fai pure", "andiamo",
        "perfetto", "bene", "esatto", "esattamente", "giusto", "corretto", "no", "no grazie",
        "grazie", "grazie mille",
        "per favore", "perfavore", "confermo", "confermato", "approvato", "accetto", "ottimo",
        "la prima", "il primo", "la seconda",
        "il secondo", "entrambi", "entrambe", "tutti", "tutte", "tutto", "nessuno",
        "come preferisci", "come consigli", "decidi tu",
        "sono d accordo", "mi sembra ottimo", "sembra ottimo", "ciao", "buongiorno", "capito",
        "inizia", "comincia", "finisci",
        "aspetta", "ferma", "fermati", "annulla", "e", "si grazie", "si procedi", "si per favore",
        "si vai", "applica", "avanti",
        "continua cosi", "continua per favore", "riprendi", "quello che consigli", "certamente",
        "assolutamente", "sicuro",
    ),
    chores=(
        "^(fai|fare|crea|apri|esegui|effettua) (_ )?(commit|push|pr|pull request|merge|deploy"
        "|branch|rebase)",
        "^(commit|committa|committare|pusha|push|mergia|merge|rebase|pubblica|deploya|riavvia"
        "|riavviare|compila|ricompila|builda"
        "|installa le dipendenze|formatta|salva le modifiche)(?! (message|pulsante))",
        "^(esegui|lancia|avvia|fai girare|fai partire|rilancia) (_ )?(test|tests|linter|lint"
        "|build|server|suite|progetto|app"
        "|applicazione|migrazioni)",
        "^(avvia|ferma|spegni|riavvia|stoppa) (il |la |i |lo |l )?(server|app|backend|frontend"
        "|container~|serviz~|docker)",
        "^(stato|git status|mostra lo stato)(?= *([.,!?\n]|$))",
    ),
    chore_stops=(
        "(correggi~|aggiungi~|implementa~|modifica~|crea (?!(un |una |il |la |nuovo )*(commit"
        "|pr|pull|branch)\\b)|errore|errori"
        "|fallisc~|deve|dovrebbe|scrivi|sostituisci|perche|non)",
    ),
    tasks=(
        "^((per favore|ora|anche|puoi|potresti) )*(correggi|correggere|sistema|sistemare|ripara"
        "|riparare|aggiusta|risolvi) (il |lo |la |i |gli |le |l |un |una |tutti i |tutte le )"
        "(_ )?\\w+ (che (fallisce|falliscono|manca|mancano|non passa)|rott[oaie]|fallit[oaie]"
        "|mancant[ei]|sbagliat[oaie]|duplicat[oaie]|lent[oaie]|obsolet[oaie])",
        "^((per favore|ora|adesso|anche|e|poi|puoi|potresti|voglio che|vorrei che|vorrei"
        "|voglio|dobbiamo|devi|aiutami a|mi serve"
        "|ho bisogno di|bisogna|mi) )*(aggiung~|crea~|implement~|scriv~|fai|fare|gener~"
        "|refactor~|rinomin~|spost~|aggiorn~|cambi~"
        "|configur~|convert~|sostitu~|rimuov~|togli~|elimin~|integr~|miglior~|ottimizz~"
        "|document~|estra~|separ~|us[ai]~|utilizz~"
        "|rived~|analizz~|indaga~|cerca~|trova~|spieg~|descriv~|riassum~|confront~|test~"
        "|prepar~|pianific~|traduc~|progett~"
        "|metti~|mettere|modific~|regol~|install~|migr~|mostra~|dammi|dimmi|costru~|svilupp~"
        "|permett~|un|una|uno|leggi~|defin~"
        "|valid~|copi~|semplific~|organizz~|ordin~|filtr~|esport~|import~|caric~|colleg~"
        "|riscriv~|inclu~|inserisc~)",
        "^(sei un|agisci come|come un|obiettivo|contesto|compito|nel|nella|per il|per la"
        "|usando|basandoti|basato)",
    ),
    questions=(
        "^(che|cosa|qual|quale|quali|come|quando|dove|chi|perche|quanto|quanti|quante|a cosa|a"
        " che)(?! (funzioni|sia))",
        "^(e possibile|c e|ce|ci sono|posso|possiamo|devo|dovrei|dobbiamo|sai|pensi|credi"
        "|conviene|spiegami|spiega|dimmi|mi spieghi"
        "|mi dici|hai idea|si puo) ",
    ),
    requests=(
        "^(e |ora |per favore )?(puoi|potresti|possiamo|potete|riesci a|mi puoi|mi potresti)"
        "(?! (_ )?(spieg~|dir~|raccont~"
        "|chiari~|descriv~|riassum~|conferm~|vedere|leggere|accedere))",
    ),
    known_by=
    "il lo gli di del della dei delle che non sono per con nel nella nei sul sulla questo"
    " questa quello cosa come quando"
    " dove piu anche ancora ora adesso perche ma o un una e mi ti si ci hai ho ha abbiamo fai"
    " aggiungi crea voglio vorrei puoi"
    " potresti funziona funzionano errore pulsante pagina dati utente grazie va bene perfetto"
    " ottimo detto chiesto deve dovrebbe"
    " prossimo passo continua procedi correggi sistema sbagliato rotto manca mostra invece"
    " prima dopo stesso di nuovo nulla niente"
    " tutto rimosso cancellato esegui avvia rimetti annulla poi passiamo sei uguale le la alla"
    " al da dal",
    hypotheses=(
    "se (non|il|la|lo|i|gli|le|c|ci|qualcosa|necessario|possibile|e|un|una|l|vuoi|serve)",
    "in caso", "assicurati",
                "affinche", "in modo che", "a meno che", "per evitare", "evita", "evitare",
                "non solo", "nessun problema",
                "non dimenticare", "finche", "senza rompere", "verifica che",
                "messaggi(o)? di errore", "gestione degli errori",
                "non preoccuparti", "controlla che", "purche"),
    fillers=("ok", "bene", "allora", "e", "ma", "scusa", "per favore", "si", "ciao", "grazie",
    "perfetto", "ottimo", "ora",
             "adesso", "hm+", "mm+", "dunque", "credo che", "penso che", "sembra che", "vedo che",
             "purtroppo", "ah", "oh",
             "comunque", "guarda", "senti", "molto bene", "va bene", "aspetta", "certo",
             "a quanto pare"),
)  # fmt: skip
