"""German, with umlauts or ae, oe, ue, or neither."""

from __future__ import annotations

import re
from dataclasses import asdict

from tokenwatch.sources.wording.lexicon.words import Words

_NOT = "(nicht|nich|net|nix|nichts|nciht|ncht|kein|keine|keinen|keinerlei)"
_STILL = "(immer noch|immernoch|noch immer|nach wie vor|weiterhin|leider noch|noch)"
_ERROR = "(fehler|fehlers|fehlermeldung~|problem|probleme|bug|bugs|exception|error|errors|warnung~)"
_WORK = (
    "(funktioniert|funktionieren|funktionert|funktoniert|funzt|geht|gehen|klappt|tut|laeuft"
    "|lauft|greift"
    "|passt|stimmt|stimmen|hilft|geholfen|geklappt|funktioniert|gegangen|geaendert|geandert"
    "|behoben|gefixt"
    "|geloest|gelost|weg|da|sichtbar|angezeigt|gespeichert|geladen|erscheint|passiert|aendert"
    "|andert|oeffnet"
    "|offnet|startet|kompiliert|baut|reagiert|speichert|laedt|ladt|richtig|korrekt|fertig"
    "|umgesetzt)"
)
_WRONG = (
    "(falsch|kaputt|fehlerhaft|verkehrt|schlimmer|schlechter|leer|weg|verschwunden|bloedsinn"
    "|blodsinn|unsinn"
    "|quatsch|muell|mull|schrott|mist|scheisse|schrecklich|furchtbar|unbrauchbar|inkorrekt|daneben)"
)

_WORDS = Words(
    strict=(
        "hat sich nichts getan",
        "sieht (_ )?(schlimm|schrecklich|furchtbar|scheisse|schlecht) aus",
        "^nicht (da|dort|hier)",
        "(wieder )?zurueckbauen",
        "(geht|klappt|funktioniert|laeuft) (gar |ueberhaupt )?nicht(s)? mehr",
        f"{_STILL} (_ )?(nicht|nichts|nix|kein~|falsch|kaputt|leer|weg|denselben|derselbe"
        "|dasselbe|der gleiche"
        "|die gleiche|den gleichen|gleich|fehlerhaft|fehlt|fehlen|schlecht|verschoben"
        "|abgeschnitten|haesslich)",
        f"(immer noch|immernoch|noch immer|nach wie vor|weiterhin) (_ )?({_ERROR}|rot|zu |da"
        "|zeigt|kommt|steht"
        "|sehe|bekomme|kriege|erhalte|ist|sind|wird|hat|hab|habe|gibt|das|die|der|den)",
        "(ist|sind|kommt|hab|habe|bekomme|sehe|steht|wird|gibt es|zeigt|hat|erscheint) (_ )?"
        "(immer noch|immernoch"
        "|noch immer|nach wie vor|weiterhin)",
        f"(der|die|das|den|dem) ?(selbe|gleiche|selben|gleichen|exakt gleiche)[nrs]? {_ERROR}"
        "(?!behandl)"
        "(?! (wie bei der behandlung|handling|format))",
        f"^(gleiche[rs]?|selbe[rs]?|derselbe|dasselbe) ({_ERROR}|ergebnis|resultat|spiel"
        "|verhalten)?(?= *([.,!;\n]|$"
        "| wieder| wie))",
        f"(schon )?wieder (_ )?({_ERROR}|{_WRONG}|derselbe|dasselbe|das gleiche|der gleiche"
        "|nicht|kein~|abgestuerzt"
        "|abgesturzt)",
        f"({_WORK}|tut) (_ )?(immer noch |noch |leider |so |auch |jetzt |gar "
        "|ueberhaupt |uberhaupt |halt"
        " |einfach |weiterhin |trotzdem )*(nicht|nich|net|nix|nichts)(?! (nur|wichtig|noetig"
        "|notig|schlimm|schlecht"
        "|stoeren|storen|mehr so wichtig|dass))(?= *([.,!;?\n)]|$|mehr|richtig|wie|korrekt|so"
        "|weil|denn|und|aber"
        "|auf|in|im|bei|beim|da|es|geaendert|geandert|gefixt|behoben|geloest|gelost|geholfen))",
        "^(leider |das |es |immer )*(nicht|nichts|nix|klappt nicht|geht nicht|funktioniert"
        " nicht|hilft nicht|tut nicht"
        "|passiert nichts)(?= *([.,!;\n]|$| _ (gut|richtig|korrekt|geaendert|geandert|passiert"
        "|so)))",
        f"{_NOT} (_ )?(funktioniert|geklappt|geholfen|geaendert|geandert|behoben|gefixt"
        "|geloest|gelost|gemacht"
        "|umgesetzt|gewollt|gemeint|gesagt|gefragt|verstanden|beachtet|beruecksichtigt"
        "|berucksichtigt|gelesen"
        "|uebernommen|ubernommen|angepasst|erledigt)",
        "(nichts|nix) (_ )?(geaendert|geandert|passiert|veraendert|verandert|gebracht|zu"
        " sehen|davon)",
        "kein(e|en)? (_ )?(aenderung|anderung|unterschied|effekt|veraenderung|veranderung"
        "|besserung|verbesserung)",
        "^(nein|nee|ne|noe|no|stopp|halt)[,.! ]+(das|es|nicht|ich|du|so|falsch|die|der|immer"
        "|noch|doch|genau|wieder"
        "|bitte|den|wir|sondern|mach)(?! (passt|reicht|ist (ok|gut)))",
        "(das|es|dies|die|der|alles|so|sieht|jetzt|ist|sind) (_ )?(ist |sind |war |sieht "
        "|wird )?(jetzt |nun |so |voellig"
        f" |total |komplett |ganz |leider |immer noch |wieder |alles |noch |viel )*{_WRONG}(?!"
        " (werden|wird))",
        f"^{_WRONG}(?= *([.,!;:\n]|$))",
        "(das|es|so) (ist|war|wars|wollte|meinte|hatte|hab|habe|stimmt) (_ )?(nicht|nich)"
        "(?! (schlimm|schlecht|wichtig|noetig|notig|dringend|nur|das problem))",
        "^(nicht) (so|das|ganz|richtig|gut|korrekt|was|wie|der|die|dieser|dieses|hier)(?! "
        "(sicher|schlecht|nur))",
        "nicht (_ )?(das )?(was|wie) ich (_ )?(wollte|will|meinte|gesagt|gemeint|gefragt"
        "|verlangt|gebeten|brauche"
        "|moechte|mochte)",
        "ich (_ )?(hab|habe|hatte) (_ )?(doch|dir|gesagt|geschrieben|gefragt|gemeint|gebeten"
        "|verlangt|erwaehnt"
        "|erwahnt|erklaert|erklart|schon|bereits|nie|nicht|kein~)(?! (noch nicht entschieden))",
        "(ich sagte|ich meinte|wie gesagt|wie schon gesagt|wie bereits|nochmals?:|zum (zweiten"
        "|dritten|vierten|letzten"
        "|wiederholten|x ten|hundertsten) mal|ich wollte (doch |nur |aber |nicht |kein~ |das )+)",
        "(du|ihr) (hast|habt|haettest|hattest) (_ )?(geloescht|geloscht|entfernt|vergessen"
        "|kaputt|zerstoert|zerstort"
        "|ignoriert|uebersehen|ubersehen|verloren|ueberschrieben|uberschrieben|falsch|nicht"
        "|nichts|kein~|nur|wieder"
        "|einfach|verschlimmbessert|verschoben|schon wieder|erfunden|missverstanden|gesagt"
        "|behauptet|weg)",
        "(hast du|haben sie) (_ )?(vergessen|geloescht|ueberhaupt|wirklich|nicht|kein~|einfach"
        "|schon wieder|kaputt|uebersehen|ignoriert)",
        "(wieso|warum) (hast|machst|aenderst|loeschst|ignorierst|baust|nimmst) du",
        "(was soll das|was machst du|was hast du (da|jetzt|gemacht|getan))",
        "(du|sie) (_ )?(liegst falsch|irrst|verstehst (mich )?nicht|liest nicht|sollst nicht"
        "|solltest (doch|nicht|nur)"
        "|machst (immer|es|das) (_ )?(falsch|schlimmer|kaputt)|hoerst nicht|halluzinierst"
        "|ignorierst|vergisst)",
        f"(warum|wieso|weshalb) (_ )?(immer noch|immernoch|noch immer|wieder|{_NOT})",
        "^(bitte )?(mach|nimm|setz|setze|stell|stelle|roll|dreh) (_ )?(rueckgaengig|ruckgangig"
        "|zurueck|zuruck"
        "|wieder (her|hin|zurueck|zuruck|rein|raus|weg))",
        "(rueckgaengig|ruckgangig|reverte|revertiere|zuruecksetzen|zurucksetzen|stell (_"
        " )?wieder her"
        "|zurueckrollen|rollback)(?! (button|funktion|feature|taste|knopf|implementier~|einbauen))",
        "(hoer|hor|lass) (_ )?(auf|sein|das sein)(?! (den server))",
        f"(jetzt|nun|dafuer|dafur|seitdem|seit) (_ )?({_NOT}|{_WRONG}|{_ERROR}|fehlt|fehlen"
        "|abstuerz~|stuerzt|crasht"
        "|gar|ueberhaupt|doppelt)",
        "(schlimmer|schlechter) (_ )?(als|geworden|gemacht|zuvor|vorher)|ist (jetzt )?(noch"
        " )?schlimmer|kaputt gemacht"
        "|kaputtgemacht|zerschossen|verschlimmbessert|geht gar nichts|geht nichts mehr|geht"
        " nix mehr",
        f"(aber|allerdings|jedoch|leider|trotzdem|dennoch) (_ )?({_NOT}|immer noch|immernoch"
        f"|{_ERROR}|falsch|fehlt"
        "|weg|leer|wieder)",
        "(verdammt|scheisse|scheiss|mist|kacke|fuck|wtf|omg|idiot~|bloed~|dumm~|laecherlich"
        "|lacherlich|nervt|nervig"
        "|meine guete|willst du mich|ernsthaft|unbrauchbar|muell|mull|bullshit|zum kotzen"
        "|herrgott|spinnst)",
        "statt(dessen)? (_ )?(kommt|zeigt|steht|wird|ist|sehe|erscheint)|(kommt|zeigt|steht"
        "|wird|erscheint) (_ )?statt",
        "(mach|fix|behebe?|korrigiere?|repariere?) (_ )?(richtig|ordentlich|endlich|nochmal"
        "|noch mal|diesmal)",
        "wie oft (soll|muss|denn)|lies (doch|genau|richtig|nochmal|mal|noch mal)|denk (nochmal"
        "|noch mal|genau|nach)",
    ),
    loose=(
        f"{_NOT}(?! (nur|vergessen|notwendig|noetig|notig|schlimm|problem))",
        "(immer noch|immernoch|noch immer|nach wie vor|weiterhin|noch)",
        "(fehlt|fehlen|fehlte|leer~|falsch~|kaputt~|komisch~|seltsam~|merkwuerdig~|merkwurdig~"
        "|haesslich~|hasslich~"
        "|doppelt~|abgeschnitten~|ueberlapp~|uberlapp~|ueberlauf~|verschoben~|versetzt"
        "|unsichtbar~|versteckt|langsam~"
        "|haengt|hangt|haengen|friert|eingefroren|flackert|verschwind~|verschwunden|weg"
        "|fehler~|problem|probleme|bug"
        "|bugs|exception|absturz|abstuerz~|stuerzt|sturzt|crasht|schlecht~|schlimm~"
        "|unleserlich|kaum|inkonsistent~"
        "|unvollstaendig~|unvollstandig~|verwirrend|unklar|veraltet|anders|abweich~"
        "|unterschied~|ungueltig|ungultig"
        "|schief|unschoen|unschon|passt nicht|stoert|stort|blockiert|scheitert|fehlgeschlagen"
        "|schlaegt fehl|schlagt"
        " fehl|bricht|wirft|ueberfluessig~|uberflussig~|unnoetig~|unnotig~|rot|nirgends"
        "|niemals|nie)",
        "(ein|einen|der|den|die|diese[nr]?|folgende[nr]?|kommt|bekomme|kriege|erhalte|gibt"
        f"|mit|neue[nr]?) (_ )?{_ERROR}",
        "^(hm+|aeh|ehm|moment|warte|halt|stopp|nein|nee|noe|eigentlich|aber|allerdings|jedoch"
        "|wieso|warum|weshalb"
        "|sicher|bist du sicher|wirklich|komisch|ups|sorry|ausser|leider|achtung|vorsicht)(?! "
        "(problem|sorge))",
        "(zu|so|sehr) (gross|klein|lang|kurz|breit|schmal|hoch|niedrig|langsam|schnell|viel"
        "|viele|wenig|dunkel|hell"
        "|nah|weit|eng|kompliziert|generisch)",
        "(nochmal|noch mal|nochmals|erneut|wieder|von vorn|von vorne|noch einmal)",
        "(zeigt|kommt|steht|erscheint|sehe|seh|wird) (_ )?(nur|immer|jetzt|einfach|bloss|statt)",
        "(jetzt|nun|nur|immer|nur noch) (_ )?(zeigt|kommt|steht|erscheint|sehe|wird|ist|sind)",
        "(ich dachte|ich wollte|ich hatte|ich haette|ich habe|ich meinte|erwartet|gedacht"
        "|lieber|eigentlich)",
        "(bist du|sind sie) (_ )?sicher|hast du (_ )?(getestet|geprueft|gepruft|gelesen"
        "|gesehen|geschaut|ausprobiert"
        "|vergessen|beachtet)",
        "(du hast|hast du|du bist|du machst|du solltest|du sollst)",
        "(behebe?|fixe?|korrigiere?|repariere?|beheben|korrigieren|loes|ueberpruef~|pruef~ "
        "(nochmal|noch mal))",
        "(fast|besser),? aber|fast|schon besser|zurueck~|zuruck~",
    ),
    restated=(
        "(soll|sollen|sollte|sollten|muss|muessen|mussen|muesste|will|moechte|mochte|wollte"
        "|brauche|duerfen|darf)",
        "(statt|anstatt|stattdessen|sondern|vielmehr|und nicht|eher)",
        "(aber|ausser|jedoch|allerdings|obwohl|bis auf)",
        "^(jetzt|nun|auch|die|der|das|den|im|in|auf|wenn|beim|bei|nach|es|ich|da|dort|hier|sobald)",
    ),
    contrasts=("aber", "ausser", "jedoch", "allerdings", "nur", "bis auf", "obwohl", "noch",
    "fast", "leider",
               "einzig", "lediglich", "trotzdem"),
    accepts=(
        "(jetzt|nun|es|das|alles|super|perfekt|ja|ok|endlich|gut|klasse)[,. ]+(es |das |jetzt "
        "|alles |endlich )*"
        "(funktioniert|geht|klappt|laeuft|lauft|passt|tut|stimmt|ist (gut|super|perfekt"
        "|behoben|gefixt|richtig))"
        "( (es|das|alles|jetzt|nun|super|gut|wieder|perfekt|prima|einwandfrei|wunderbar|wie"
        " erwartet|bestens))*"
        "(?= *([.,!;\n)]|$|danke|und|dann))",
        "^(funktioniert|geht|klappt|laeuft|lauft|passt|gefixt|behoben|geloest|erledigt)( "
        "(jetzt|nun|es|alles|super|gut"
        "|wieder|perfekt|prima|einwandfrei|wunderbar|bestens|soweit))*(?= *([.,!;\n]|$|danke|und))",
        "^(perfekt|super|klasse|prima|toll|genial|hervorragend|ausgezeichnet|wunderbar|sehr"
        " gut|sehr schoen|sehr schon"
        "|gut gemacht|genau so|genau das|spitze|einwandfrei|top|mega|geil|gefaellt mir|gefallt"
        " mir|viel besser|so passt"
        "|so ist (es )?(gut|perfekt|richtig)|grossartig|fantastisch|tiptop|alles gut|bestens)"
        "(?= *([.,!;:\n)]|$|danke"
        "|jetzt|und|dann|funktioniert|passt|so|das|es|genau|arbeit))",
        "(sieht|schaut) (jetzt |nun |das |es |alles |doch |echt |schon |sehr |richtig |super"
        " )*(gut|super|perfekt|klasse"
        "|toll|prima|schoen|schon|besser|genial|richtig gut)( aus)?(?! aus wie)",
        "(hat|habe) (_ )?(funktioniert|geklappt|geholfen)(?= *([.,!;\n]|$|danke|jetzt))|das"
        " war s|das wars",
    ),
    thanks=(
        "^(danke|dankeschoen|vielen dank|danke dir|gut|schoen|schon|cool|nice|okay danke|ok"
        " danke|merci|dank dir|stark"
        "|fein|wow|lieb)(?= *([.,!;:\n)]|$|jetzt|und|das|dir|sehr|schoen|fuer die"
        "|funktioniert))(?! (im voraus|tag"
        "|morgen|abend))",
    ),
    moves_on=(
        "^(naechste[rs]?|nachste[rs]?|als naechstes|als nachstes|weiter (mit|geht|zum|zu)"
        "|jetzt (bitte|lass|machen|bau"
        "|baue|fuege|fuge|implementiere|erstelle|brauche|moechte|mochte|will|kommen|zum|zur"
        "|noch|mach|koennen|kannst"
        "|wollen|sollten|schreib|aendere|andere|fueg)|nun (bitte|zu|zum|zur|lass|implementiere"
        "|fuege|erstelle|moechte)"
        "|machen wir (weiter|mit|jetzt|als)|lass uns|lasst uns|kommen wir|gehen wir|wir machen"
        " weiter|fahre fort mit)"
        "(?! (nicht|fehlt|zurueck|nochmal))",
        "^(ausserdem|zusaetzlich|zusatzlich|auch|dazu|ferner|des weiteren|nebenbei)[, ]+(fueg~"
        "|fug~|bitte|brauch~|soll~"
        "|bau~|mach~|erstell~|implementier~|moecht~|kannst|koenntest|noch|haett~|waere)",
        "^(noch (etwas|was|eine sache|ein punkt)|eine weitere|ein weiterer|ein anderes"
        "|andere[sr]? thema|neue aufgabe"
        "|neues (thema|feature|ticket)|neuer punkt|themenwechsel|fuer (den|die|das) naechste~"
        "|nach(dem)? (das|dem) )",
        "^(schritt|phase|teil|aufgabe|ticket|etappe|punkt|sprint|story|issue|kapitel) ?#?(\\d"
        "|eins|zwei|drei)",
        "^(dann|danach|anschliessend|im anschluss|wenn das (fertig|erledigt))(?! (geht|kommt"
        "|ist|funktioniert|warum))",
        "^(mach|implementiere|beginne|starte|setz|fang) (_ )?(naechste[nr]?|nachste[nr]?"
        "|schritt|phase|teil|punkt)",
    ),
    control=(
        "ja", "jo", "jup", "jap", "jep", "klar", "na klar", "sicher", "genau", "ok", "okay",
        "okey", "gut", "passt",
        "weiter", "mach weiter", "weiter so", "weitermachen", "bitte weiter",
        "bitte weitermachen", "fortfahren",
        "fahre fort", "fahr fort", "mach", "mach das", "mach es", "machs", "mach mal", "los",
        "los gehts", "leg los",
        "go", "bitte", "ja bitte", "gerne", "ja gerne", "einverstanden", "stimmt", "richtig",
        "korrekt", "nein",
        "nee", "ne", "nein danke", "danke", "vielen dank", "super", "perfekt", "prima", "top",
        "klingt gut", "das passt",
        "bestaetigt", "bestatigt", "freigegeben", "alle", "alles", "beide", "beides", "die erste",
        "das erste", "die zweite",
        "die erste option", "wie du meinst", "deine empfehlung", "nach deiner empfehlung",
        "wie empfohlen", "so machen",
        "so machen wir das", "machen wir", "machen wir so", "weiter gehts", "fertig", "fang an",
        "beginne", "starte",
        "hallo", "hi", "moin", "stopp", "abbrechen", "warte", "ich stimme zu", "setze fort",
        "setz fort", "dann los", "und",
        "umsetzen", "bitte umsetzen", "setz um", "setz es um", "so", "jawohl", "gib gas",
        "mach bitte weiter", "alles klar",
    ),
    chores=(
        "^(committe|commite|commit|comitte|commiten|committen|pushe|push|pushen|merge|merged?"
        "|mergen|rebase|deploye"
        "|deploy|deployen|veroeffentliche|veroffentliche|kompiliere|baue neu|neu bauen"
        "|formatiere|starte neu|neustart"
        "|neu starten)(?! (nachricht|message|button))",
        "^(mach|mache|erstelle|erstell|oeffne|offne|leg|lege) (_ )?(commit|push|pr|pull"
        " request|merge|branch|deployment"
        "|rebase|merge request)",
        "^(fuehr|fuehre|fuhr|fuhre|lass|starte|start|lasse|teste?|mach) (_ )?(tests?|unittests"
        "|linter|lint|build|server"
        "|testsuite|app|container|docker|backend|frontend|dienst|migration~)( (aus|laufen|neu"
        "|durch|an))?",
        "^(stoppe?|beende|starte) (_ )?(server|app|backend|frontend|container|dienst)",
        "^(status|git status|zeig (mir )?den status)(?= *([.,!?\n]|$))",
    ),
    chore_stops=(
        "(behebe?|fixe?|fuege?|fuge?|implementier~|aender~|ander[en]|erstelle (?!(eine?n? |den"
        " |neuen )*(commit|pr|pull|branch|merge)\\b)|fehler~|schlaegt|soll|sollte|muss|warum"
        "|wieso|nicht|schreibe?|ersetze?)",
    ),
    tasks=(
        "^((bitte|jetzt|nun|auch|kannst du|koenntest du) )*(behebe?|repariere?|fixe?|korrigiere?)"
        " (den|die|das|alle|unsere[nr]?|meine[nr]?|einen|eine|ein) (_ )?(fehlschlagend~|kaputt~"
        "|defekt~|fehlend~|rote[nrs]?|falsche[nrs]?|flackernd~|instabil~|veraltet~|doppelt~|leere~"
        "|langsame~|haengend~) \\w+(?! (nochmal|wieder|immer))",
        "^((bitte|jetzt|nun|auch|und|dann|kannst du|koenntest du|konntest du|ich moechte dass"
        " du|ich mochte|ich will"
        "|ich moechte|ich brauche|wir brauchen|lass uns|hilf mir|mir|es gibt|du sollst|mal) )*"
        "(fueg~|fug~|erstell~"
        "|implementier~|schreib~|bau~|mach|mache|generier~|refaktor~|refactor~|benenn~"
        "|umbenenn~|verschieb~"
        "|aktualisier~|aender~|andere|konfigurier~|konvertier~|wandle~|ersetz~|entfern~"
        "|loesch~|losch~|integrier~"
        "|verbesser~|optimier~|dokumentier~|extrahier~|trenn~|nutze?|verwend~|benutz~|pruef~"
        "|pruf~|ueberpruef~"
        "|analysier~|untersuch~|such~|find~|erklaer~|erklar~|beschreib~|fass~|vergleich~|test~"
        "|bereite?~|plan~"
        "|uebersetz~|entwirf|entwickl~|setz~|stell~|pass~|installier~|migrier~|zeig~|gib|leg~"
        "|definier~|validier~"
        "|kopier~|vereinfach~|sortier~|filter~|exportier~|importier~|lade?|speicher~|verbind~"
        "|lies|schau~|eine?n?"
        "|richte~|nimm|ergaenz~|erganz~|bereinig~|erweiter~|ermoeglich~)",
        "^(du bist ein|als |ziel|kontext|aufgabe|hintergrund|in der|im|fuer die|fuer den|fur"
        " die|basierend)",
    ),
    questions=(
        "^(was|wie|wo|wann|wer|wen|wem|warum|wieso|weshalb|welche[rsnm]?|wofuer|wofur|woher"
        "|wohin|wieviel|wie viele?"
        "|womit|wozu)",
        "^(ist|sind|gibt|hat|haben|kann man|kann ich|koennen wir|konnen wir|soll ich|sollen"
        " wir|sollte ich|muss ich"
        "|weisst du|wird|werden|darf|stimmt es|wuerde|wurde|laeuft|geht das|was ist|hast du) ",
        "^(erklaer~|erklar~|sag mir|verrate|beschreib~)",
    ),
    requests=(
        "^(und |jetzt |bitte )?(kannst|koenntest|konntest|koennten|konnten|wuerdest|wurdest|magst)"
        " (du|sie|wir|ihr)(?! (_ )?(erklaer~|erklar~|sagen|beschreib~|zusammenfass~|sehen"
        "|bestaetig~|lesen|zugreifen"
        "|nennen))",
    ),
    known_by=
    "der das und ist nicht ein eine einen den dem des auf mit fuer fur von zu im am auch noch"
    " nur aber oder"
    " wenn wie was ich du wir sie er es mir dir mich dich sind wird werden hat habe hast haben"
    " kann kannst soll sollte"
    " muss bitte jetzt nochmal immer wieder warum wieso kein keine keinen nichts mehr schon"
    " doch mal so dann danke"
    " funktioniert geht klappt fehler falsch kaputt seite knopf datei ja nein weiter mach"
    " fuege fuge erstelle aendere"
    " andere gut super perfekt passt naechste nachste schritt bei nach beim zum zur statt"
    " fehlt zeigt kommt"
    " leider rueckgaengig ruckgangig aus um uber ueber diese dieser dieses alle alles"
    " denselben gleiche starte"
    " schreibe baue entferne sieht wurde hier da ersetze benenne",
    hypotheses=("falls", "fuer den fall", "fur den fall", "stell sicher", "stelle sicher",
    "sicherstellen", "damit",
                "sodass", "so dass", "es sei denn", "um zu vermeiden", "vermeide", "nicht nur",
                "kein problem",
                "vergiss nicht", "achte darauf", "ohne dass", "fehlermeldungen?",
                "fehlerbehandlung", "bis",
                "sorge dafuer", "sorg dafuer", "pruefe ob", "prufe ob", "keine sorge", "ob",
                "solange"),
    fillers=("ok", "okay", "gut", "also", "so", "und", "aber", "hey", "hallo", "hi", "sorry",
    "bitte", "ja", "danke",
             "super", "perfekt", "hm+", "leider", "jetzt", "ach", "na", "oh", "naja",
             "anscheinend", "offenbar",
             "scheinbar", "ich glaube", "ich denke", "moment", "warte", "nun", "da", "weil",
             "mist", "sehr gut", "prima",
             "toll", "klasse"),
)  # fmt: skip


def _spellings(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Let what stands for an umlaut be written as one, which folding makes a bare vowel."""
    return tuple(re.sub("([aou])e(?![?])", r"\1e?", pattern) for pattern in patterns)


def _spelled(words: Words) -> Words:
    """Return the words with all spellings of their patterns."""
    patterns: dict[str, tuple[str, ...]] = asdict(words)
    known_by = str(patterns.pop("known_by"))
    return Words(known_by=known_by, **{name: _spellings(value) for name, value in patterns.items()})


WORDS = _spelled(_WORDS)
