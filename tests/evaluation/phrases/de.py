"""German."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="de",
    topics=(
        Topic(
            file="src/bericht/monatsbericht.py",
            task=(
                "der Monatsbericht in monatsbericht.py soll stornierte Rechnungen nicht mehr "
                "mitzählen"
            ),
            symptoms=(
                "im März stehen immer noch 148 Rechnungen, ohne Stornos wären es 141",
                "jetzt fehlen auch die teilstornierten, es sind nur noch 139",
                "die Summe passt, aber die Anzahl in der Kopfzeile ist die alte",
                "für Januar kommt jetzt 0 raus",
                "in der Quartalsansicht sind die Stornos weiterhin drin",
            ),
            expected=(
                (
                    "mit Status storniert darf eine Rechnung weder in der Summe noch in der "
                    "Anzahl auftauchen"
                ),
                "141 im März und 97 im April, das wären die richtigen Zahlen",
            ),
            again=(
                (
                    "stornierte Rechnungen soll der Monatsbericht in monatsbericht.py nicht mehr "
                    "mitzählen"
                ),
                (
                    "der Monatsbericht in monatsbericht.py soll stornirte Rechnungen bitte nicht "
                    "mehr mitzählen"
                ),
            ),
            error=(
                'Traceback (most recent call last):\n  File "src/bericht/monatsbericht.py", line '
                "114, in summe\n"
                "KeyError: 'storniert_am'"
            ),
            series=(
                "als Nächstes bekommt monatsbericht.py eine Spalte für den Vormonat",
                "danach noch eine Aufteilung nach Filialen",
                "und zum Schluss der Export als PDF",
            ),
            refine=(
                (
                    "Gutschriften unter 5 Euro sollen übrigens drin bleiben, das will die "
                    "Buchhaltung so"
                ),
                "für Österreich gilt das Storno-Datum statt des Rechnungsdatums",
            ),
            variations=(
                "stell die Spalten mal andersherum dar, ich will sehen wie das wirkt",
                "doch lieber nach Betrag sortiert",
                "und die Überschrift eine Nummer kleiner",
            ),
            praise=(
                "super, die Zahlen stimmen jetzt. mach den Status noch über die Einstellungen "
                "wählbar"
            ),
        ),
        Topic(
            file="web/formular/adresse.vue",
            task=(
                "in adresse.vue soll die PLZ schon beim Tippen geprüft werden, nicht erst beim "
                "Absenden"
            ),
            symptoms=(
                "ich tippe 123 und es passiert nichts, erst beim Absenden wird es rot",
                "beim ersten Zeichen ist das Feld sofort rot, auch wenn ich gerade erst anfange",
                "mit Autofill vom Browser bleibt die Meldung stehen",
                "österreichische PLZ mit vier Stellen gelten als falsch",
                "auf dem iPad kommt die Meldung gar nicht",
            ),
            expected=(
                (
                    "nach der fünften Ziffer prüfen, vorher ruhig bleiben, und bei Korrektur die "
                    "Meldung gleich weg"
                ),
                "während des Tippens soll man sehen ob die PLZ gültig ist",
            ),
            again=(
                (
                    "die PLZ soll in adresse.vue beim Tippen geprüft werden und nicht erst beim "
                    "Absenden"
                ),
                (
                    "adresse.vue: PLZ bitte schon während der Eingabe prüfen, nicht erst wenn "
                    "man absendet"
                ),
            ),
            error=(
                "[Vue warn]: Unhandled error during execution of watcher callback\n"
                "  at <AdresseFormular>\nTypeError: plz.value.match is not a function\n    at "
                "adresse.vue:48:22"
            ),
            series=(
                "jetzt in adresse.vue noch den Ort aus der PLZ vorschlagen",
                "dann die Straße mit Hausnummer trennen",
                "und ein zweites Adressfeld für die Lieferung",
            ),
            refine=(
                "für Schweizer Kunden gelten vier Stellen, die haben country = CH",
                "im Kassenmodus ist die PLZ freiwillig, da soll nie etwas rot sein",
            ),
            variations=(
                "zeig die Meldung mal rechts neben dem Feld",
                "nein, drunter war schöner, aber in Grau",
                "probier ein kleines Symbol statt Text",
            ),
            praise="klasse, genau so. kannst du das gleiche Verhalten noch entprellen, 300 ms",
        ),
        Topic(
            file="deploy/backup.sh",
            task=(
                "backup.sh soll alte Sicherungen nach 14 Tagen löschen, im Moment bleibt alles "
                "liegen"
            ),
            symptoms=(
                "heute früh lagen da 31 Archive, das älteste vom Vormonat",
                "jetzt ist auch die Sicherung von gestern weg",
                "läuft durch, aber gelöscht wird nichts, df zeigt dieselben 92 %",
                "die Ordner sind leer, existieren aber weiter",
                "per cron passiert nichts, von Hand aufgerufen geht es",
            ),
            expected=(
                "am Ende sollen genau die letzten 14 Tage da sein, je Tag ein Archiv",
                "älter als 14 Tage weg, alles Jüngere unangetastet",
            ),
            again=(
                (
                    "alte Sicherungen sollen von backup.sh nach 14 Tagen gelöscht werden, zur "
                    "Zeit bleibt alles liegen"
                ),
                "backup.sh soll alte Sicherungen nach vierzehn Tagen löschen",
            ),
            error=(
                "find: paths must precede expression: `*.tar.gz'\n"
                "backup.sh: line 37: syntax error near unexpected token `done'\nerror: backup.sh "
                "exited with 2"
            ),
            series=(
                "als Nächstes soll backup.sh eine Prüfsumme je Archiv schreiben",
                "außerdem eine Mail, wenn der Platz knapp wird",
                "und zum Schluss die Wiederherstellung als zweiter Befehl",
            ),
            refine=(
                "die Sicherung vom Monatsersten behalten wir ein Jahr, hat der Prüfer verlangt",
                "auf dem NAS heißt der Ordner anders, siehe BACKUP_ROOT",
            ),
            variations=(
                "schreib die Ausgabe mal tabellarisch",
                "vielleicht doch nur eine Zeile am Ende",
                "und mit Datum vorne dran",
            ),
            praise="läuft, danke! mach die 14 noch zu einem Parameter",
        ),
    ),
    complaints=(
        "nee, das war's nicht",
        "geht immer noch nicht",
        "das hab ich so nicht gewollt",
        "schon wieder falsch",
        "hat nichts gebracht",
        "jetzt ist es noch kaputter",
        "du hast an der falschen Stelle geändert",
        "stimmt so nicht, schau nochmal genau hin",
    ),
    control=("ja", "weiter", "ok mach", "Nummer 2"),
    chores=("lass die Tests laufen", "committe das", "push bitte", "starte den Server neu"),
    questions=(
        "wo wird eigentlich die Zeitzone gesetzt?",
        "warum gibt es zwei Konfigurationsdateien?",
        "ginge das auch ohne Migration?",
    ),
    thanks=("super, danke", "passt, danke dir", "jetzt läuft's, prima"),
    reviews=(
        "Anmerkung von Jan im Review: bitte die Konstante auslagern",
        "zweite Runde Review: Hilfsfunktion umbenennen, Tippfehler im Kommentar",
        "letzter Punkt aus dem PR: gemeinsames Datumsformat benutzen",
    ),
    template="übersetze die Texte in {x}, Aufbau wie bei den anderen Sprachdateien",
    wordings=(
        "liste alle Stellen auf, an denen wir Beträge von Hand runden",
        "such im Code, wo Beträge manuell gerundet werden",
        "wo überall runden wir Geldbeträge ohne die gemeinsame Funktion? bitte als Liste",
    ),
    job="prüfe das Protokoll des nächtlichen Imports und fasse fehlerhafte Zeilen zusammen",
)
