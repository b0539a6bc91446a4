"""Spanish."""

from __future__ import annotations

from tokenwatch.sources.wording.lexicon.words import Words

_YET = "(todavia|aun|sigue|siguen|continua|continuan|persiste|persisten|seguimos|sigo)"
_ERROR = "(error|errores|fallo|fallos|problemas?|bugs?|excepcion~|falla|fallas|advertencias?)"
_WORK = (
    "(funciona|funcionan|funciono|funcionando|funcino|fucniona|funcona|funsiona|anda|va|sirve"
    "|sirvio"
    "|carga|compila|arranca|aparece|aparecen|sale|salen|muestra|muestran|guarda|abre|responde"
    "|cambia"
    "|cambio|actualiza|ve|ven|hace nada|hizo nada|pasa nada|coincide|corre|conecta|deja|detecta)"
)

WORDS = Words(
    strict=(
        "solo (cambiaste|corregiste|arreglaste|hiciste|modificaste)",
        "ahora (_ )?(sale|da|aparece|tengo|hay) (_ )?(otro|un nuevo|un) error",
        "^asi no",
        "(lo )?dejaste (_ )?peor",
        f"{_YET} (_ )?(no|sin|mal|fallando|igual|roto|rota|error~|dando|saliendo|mostrando"
        "|apareciendo"
        f"|vacio|vacia|pasando|ocurriendo|viendo|viendose|estando|habiendo|cerrando|{_ERROR})",
        "(sigue|siguen|continua|continuan) (el|la|los|las|con el|con la|los) (mismo|misma"
        "|mismos|error"
        "|problema|fallo)",
        f"no (se |me |le |lo |les )*{_WORK} (todavia|aun|aun asi)",
        "(todavia|aun|aun asi|tampoco|ya|ahora|pero|eso|esto|asi) no (se |me |le |lo |les "
        f"|esta )*({_WORK}"
        "|quedo|esta|estan|aparece|es)",
        f"^(pues |esto |eso |ya )?no (se |me |le |lo |les )*{_WORK}",
        "no (me |te |le |lo )*(funcion|func|fucn|sirv)~",
        "(no ha|no han|no hay) (cambiado|cambio|funcionado|cambios|ningun cambio|diferencia)",
        f"(el |los )?mism[oa]s? {_ERROR}(?! (handler|format~|de (formato|tipo)))",
        f"(otra vez|de nuevo|nuevamente) (_ )?(lo mismo|el mismo|la misma|{_ERROR}|mal|igual"
        "|falla~)",
        "(mal|falla|fallo|error|igual|roto|rompio|lo mismo) (otra vez|de nuevo|nuevamente)",
        "(sigue|esta|todo|quedo|queda|se ve|lo veo) (exactamente )?(igual|igualito|lo mismo)",
        "^(revertir|deshacer)",
        "(dejarlo|dejar todo|ponerlo) como (estaba|antes)",
        "(nada|no se) (cambio|ha cambiado|funciona|paso|sirve)",
        "no (_ )?(quedo|esta|fue|ha sido|se) (_ )?(arregl~|solucion~|resuel~|corregi~|bien"
        "|correct~)",
        "no (_ )?(soluciona|arregla|arreglaste|resuelve|resolviste|corrige|solucionaste"
        "|solucion[oa]|arreglo)",
        "^(no|nop|nope|noo+)[,.] ?(eso|esto|asi|no|lo|te|yo|el|la|es|esta|quiero|queria|era"
        "|sigue|me|mira)",
        "(eso|esto|asi|esa|ese|lo|la) no (es|era|fue|esta|estaba) (_ )?(lo que|asi|correct~"
        "|bien|cierto|verdad"
        "|el|la|que|como)",
        "no (es|era|fue) (eso|asi|lo que|esto|el que|la que|correcto|cierto|como)",
        "(eso|esto|esta|estan|lo hiciste|quedo|sigue|todo|salio) (_ )?(mal|incorrect~"
        "|equivocad~|roto|rota|peor"
        "|horrible|fatal)(?! (formateado|escrito en))",
        "^(mal|incorrecto|error tuyo|falso|mentira|equivocado)(?= *([.,!;\n]|$))",
        "(te|ya te|yo te|ya lo|os) (_ )?(dije|pedi|he dicho|comente|mencione|explique|habia"
        " dicho|dijimos"
        "|vuelvo a|estoy diciendo|lo dije|repito)",
        "(dije|pedi|queria|quise decir|me referia|te pedi) (que|a|un|una|el|la|eso|solo|no)",
        "no (te |os )?(pedi|queria|quiero|dije|he pedido|solicite) (que|eso|esto|un|una|el|la"
        "|asi|tantos?)",
        "lo que (te )?(pedi|dije|queria|he pedido|pedía)",
        "(has|habeis|haz) (_ )?(roto|borrado|eliminado|quitado|olvidado|ignorado|perdido"
        "|cambiado|estropeado"
        "|cargado|jodido|desordenado|dejado|puesto mal|inventado|roto)",
        "(rompiste|borraste|eliminaste|quitaste|olvidaste|te olvidaste|ignoraste|perdiste"
        "|estropeaste"
        "|cagaste|arruinaste|dañaste|inventaste|te equivocas|te equivocaste|te saltaste"
        "|desconfiguraste"
        "|te falto|dejaste de|danaste|te comiste|omitiste|jodiste|la has liado)",
        "(no|nunca) (has|hiciste|lo hiciste|lo has|cambiaste|agregaste|anadiste|actualizaste"
        "|corregiste"
        "|entendiste|entiendes|leiste|respetaste|estas (entendiendo|leyendo|haciendo)|me "
        "(estas|has))",
        "(por que|porque|xq|pq|porq|como es que|para que) (_ )?(has |me |lo |no |sigue|sigues"
        "|hiciste|borraste"
        "|cambiaste|quitaste|eliminaste|todavia|aun|pusiste|creaste|tocaste|usaste|insistes"
        "|otra vez)",
        "(deja|dejar|para|basta) de (_ )?(hacer|crear|cambiar|agregar|anadir|inventar|tocar"
        "|usar|poner|romper)",
        "(revierte|reviertelo|deshaz|deshazlo|devuelve|vuelve a (poner|dejar|como)"
        "|regresa a como|vuelve atras|dejalo como (estaba|antes)|restaura|ponlo como estaba"
        "|como estaba antes"
        "|deshace|echa (para )?atras)(?! (button|boton|al usuario|un|una|json))",
        "(ahora|y ahora|pero ahora) (_ )?(no|falla|fallo|se rompio|roto|peor|desaparecio|da"
        " error|me da|sale"
        " error|sale un error|vacio|ya no|esta mal)",
        "(se rompio|se ha roto|se desconfiguro|se daño|se dano|empeoro|peor que antes|es peor"
        "|esta peor"
        "|se jodio|dejo de funcionar|ha dejado de|volvio a fallar|volvio el|vuelve a (fallar"
        "|dar|salir))",
        f"pero (_ )?(no|sigue|siguen|todavia|aun|falla|ya no|{_ERROR}|mal)",
        "(por|es la) (segunda|tercera|cuarta|enesima|ultima|decima) vez",
        "(cuantas veces|otra vez con lo|joder|mierda|carajo|coño|cono|puta|maldit~|inutil"
        "|ridiculo|vaya porqueria"
        "|que desastre|es un desastre|pinche|verga|estupid~|basura|no me hagas perder)",
        "(en (vez|lugar) de (_ )?(sale|muestra|aparece|me|ha|pone|esta))",
        "(sale|muestra|aparece|devuelve|pone|salen|muestran) (_ )?en (vez|lugar) de",
        "(bien hecho|correctamente|como dios manda) esta vez|(hazlo|arreglalo|corrigelo) (_ )?"
        "(bien|otra vez"
        "|de nuevo|de una vez|correctamente)",
        "ya no (se |me |le |lo )*(" + _WORK[1:-1] + "|puedo|puede|deja|entra|existe)",
    ),
    loose=(
        "(muestra|aparece|sale|pone|marca|devuelve) (_ )?(\\d+|cero|zero|nan|null|undefined"
        "|nada|nulla)",
        "no (se|me|le|lo|te|les|hay|es|esta|estan|son|puedo|puede|tiene|veo|encuentro|entiendo"
        "|era|fue|hace"
        "|deberia|debe|aparece|sale|funciona|existe|coincide|deja|cuadra|corresponde|ha|han|va"
        "|carga|consigo)",
        f"{_YET}",
        "(tampoco|nada|ningun~|nunca|jamas|nadie|imposible|sin (datos|estilos|efecto"
        "|resultado~|texto))",
        "(falta|faltan|falto|faltaba~|vacio|vacia|vacios|vacias|roto|rota|mal|peor|raro|rara"
        "|extrañ~|extran~|feo"
        "|fea|incorrect~|equivocad~|duplicad~|cortad~|desalinead~|superpuest~|solapad~|solapa~"
        "|desborda~|encima"
        "|invisible|oculto|lento|lenta|cuelga|colgad~|congelad~|parpadea~|desaparec~|perdi~"
        "|invalido|falla~"
        "|fallo~|rompe~|rompio|crash~|error~|problema~|bug|bugs|excepcion~|no carga|en blanco"
        "|repetid~|borros~"
        "|desactualizad~|estropea~|inconsistente~|incomplet~|demasiado|desordenad~|confus~"
        "|diferente~|distint~"
        "|extra|sobra|sobran|desfasad~|se sale|se salen|tapad~|tapa|queda mal|se ve|se ven"
        "|sale|salen)",
        "(me da|da|sale|salio|tengo|hay|aparece|obtengo|recibo|lanza|tira|arroja) (_ )?" + _ERROR,
        "^(no|mm+|hmm+|espera|perdon|en realidad|pero|sin embargo|aunque|excepto|menos|salvo"
        "|oye|mira|que raro"
        "|por que|porque|xq|como que|seguro|estas seguro|vaya|uy|ojo|cuidado|a ver)(?! (hay"
        " problema|importa"
        "|pasa nada|te preocupes))",
        "(otra vez|de nuevo|nuevamente|una vez mas|vuelve a|volver a|desde cero)(?= *"
        "([.,!?;\n]|$|_))?",
        "(estas segur[oa]|seguro que|has (probado|revisado|verificado|comprobado|leido)"
        "|revisaste|probaste"
        "|verificaste|te aseguraste|olvida~)",
        "(solo|solamente|siempre|unicamente) (_ )?(muestra|aparece|sale|veo|funciona|carga|me"
        "|un|una|hay|se)",
        "(esperaba|queria|pensaba|pense|creia|crei|prefiero|preferiria|preferia)",
        "(por que|porque|xq) (_ )?(es|esta|sale|muestra|aparece|no|hay|se|me)",
        "(pusiste|hiciste|cambiaste|usaste|creaste|agregaste|dejaste|anadiste|moviste|quedo"
        "|quedaron)",
        "(arregla|arreglalo|corrige|corrigelo|soluciona|solucionalo|repara|revisa|reviselo"
        "|revisalo|arreglar"
        "|corregir|solucionar)",
        "(casi|mejor),? (pero|aunque)|casi casi|mejoro",
    ),
    restated=(
        "(deberia~|debe|deben|tiene que|tienen que|hay que|quiero|necesito que|tendria~|debia"
        "|ha de)",
        "(en (vez|lugar) de|sino|no el|no la|mas bien|y no)",
        "(pero|excepto|salvo|aunque|sin embargo|menos)",
        "^(ahora|tambien|esta|el|la|los|las|cuando|al|en|hay|se|me|es|esto|eso|sigue)",
    ),
    contrasts=("pero", "excepto", "salvo", "aunque", "sin embargo", "menos", "solo", "solamente",
               "todavia", "aun", "casi", "lo unico", "a excepcion"),
    accepts=(
        "(ya|ahora|ahora si|por fin|todo|eso|esto|si|perfecto|bien|genial)[,. ]+(ya |todo |si"
        " )*(funciona"
        "|funcionan|funciono|anda|va bien|esta (bien|arreglado|solucionado|resuelto|listo"
        "|perfecto)|quedo"
        "|compila|pasan|carga|sirve)(?! (mal|igual))",
        "^(funciona|funciono|quedo|quedo bien|esta bien|esta perfecto|se ve|arreglado"
        "|solucionado|resuelto|asi"
        " esta)( (ya|bien|perfecto|perfectamente|genial|muy bien|excelente|de maravilla|de"
        " lujo|correctamente))?"
        "(?= *([.,!;\n]|$|gracias|ahora|y))",
        "^(perfecto|excelente|genial|fantastico|estupendo|maravilloso|impecable|exacto|me "
        "(gusta|encanta)|muy bien"
        "|buen trabajo|increible|buenisimo|eso era|asi es|asi me gusta|de lujo|que bien|brutal"
        "|barbaro|mucho mejor"
        "|ahora si|todo (bien|correcto|ok))(?= *([.,!;:\n)]|$|ahora|gracias|y|asi|sigamos"
        "|vamos|funciona|queda))",
        "(se ve|quedo|quedaron|esta|queda) (muy |bastante |mucho |super )?(bien|perfecto"
        "|genial|excelente|mejor"
        "|bonito|increible)(?! que)",
        "(lo|eso lo|has|ya se) (solucion[oa]|arregl[oa]|resolvio|solucionado|arreglado"
        "|conseguido|lograste)",
    ),
    thanks=(
        "^(gracias|muchas gracias|bien|bueno|buenisimo|vale|de acuerdo|listo|super|bravo|mil"
        " gracias"
        "|te lo agradezco)(?= *([.,!;:\n)]|$|ahora|y|funciona))(?! de antemano)",
    ),
    moves_on=(
        "^(siguiente|lo siguiente|pasemos|pasamos|sigamos con|seguimos con|continuemos con"
        "|vamos (a|con|al)"
        "|avancemos|proximo paso|ahora vamos|ahora (quiero|necesito|hagamos|haz|agrega|anade"
        "|crea|implementa"
        "|pasemos|podrias|puedes|toca|vamos|hay que|me gustaria|anadamos|agreguemos|falta"
        " implementar|el siguiente"
        "|la siguiente|sigue con|actualiza|pon|cambia))",
        "^(tambien|ademas|aparte|por otro lado|asimismo)[, ]+(agrega|anade|quiero|necesito"
        "|crea|pon|haz|me"
        "|hay que|puedes|podrias|implementa|habria|estaria|cambia|actualiza|anadir|agregar)",
        "^(otra (cosa|tarea|funcionalidad|mejora|pregunta)|una cosa mas|nueva (tarea"
        "|funcionalidad)|otro (tema"
        "|cambio|detalle)|nuevo tema|cambiando de tema|para (el|la) (siguiente|proxim[oa]))",
        "^(paso|fase|parte|tarea|etapa|punto|ticket|historia|hito|sprint) ?#?(\\d|uno|dos|tres)",
        "^(luego|despues|a continuacion|una vez (hecho|terminado)|cuando termines)(?! (no"
        "|sigue|de que no))",
        "^(haz|implementa|empieza|comienza|continua con|sigue con) (el |la |con )?(siguiente "
        "|proxim[oa] )?(paso"
        "|fase|tarea|parte|punto|etapa)",
    ),
    control=(
        "si", "sip", "sii+", "claro", "vale", "dale", "ok", "okey", "bueno", "bien", "perfecto",
        "listo", "adelante",
        "continua", "continuar", "continue", "sigue", "seguir", "sigue adelante", "procede",
        "hazlo", "haz eso",
        "de acuerdo", "correcto", "exacto", "por supuesto", "claro que si", "no", "no gracias",
        "gracias",
        "muchas gracias", "por favor", "porfa", "porfavor", "genial", "excelente", "venga",
        "vamos", "va",
        "aplicalo", "confirmo", "confirmado", "acepto", "aprobado", "la primera", "el primero",
        "la segunda",
        "el segundo", "ambos", "ambas", "todos", "todas", "todo", "los dos", "las dos", "ninguno",
        "la que recomiendes",
        "lo que recomiendes", "como recomiendes", "tu decides", "estoy de acuerdo",
        "me parece bien", "suena bien",
        "continua por favor", "continua con el plan", "con el plan", "hola", "buenas",
        "entendido", "ya", "eso",
        "empieza", "comienza", "termina", "para", "espera", "cancela", "y", "sigue asi",
        "prosigue", "esta bien",
    ),
    chores=(
        "^(haz|hacer|hazme|crea|abre|sube|realiza|ejecuta) (_ )?(commit|push|pr|pull request"
        "|merge|deploy|rama"
        "|branch|rebase|despliegue|cambios)",
        "^(commit|comitea|commitea|comite|push|pushea|sube (los|el|todo|a|al)|subelo|fusiona"
        "|mergea|mergear|merge"
        "|rebase|despliega|desplegar|publica|reinicia|reiniciar|reinicialo|compila|compilar"
        "|instala las"
        " dependencias|formatea|guarda los cambios)(?! (error|en la tabla))",
        "^(corre|ejecuta|lanza|pasa|vuelve a (correr|ejecutar|pasar|lanzar)|correr|ejecutar) "
        "(_ )?(tests?|pruebas"
        "|linter|lint|build|servidor|suite|proyecto|app|aplicacion|todo|migraciones)",
        "^(levanta|arranca|inicia|deten|para|apaga|reinicia) (el |la |los )?(servidor|server"
        "|app|backend|frontend"
        "|contenedor~|servicio~|docker)",
        "^(estado|muestra el estado|git status|estado de git)(?= *([.,!?\n]|$))",
    ),
    chore_stops=(
        "(arregla~|corrige|anade|agrega|implementa|cambia|crea (?!(un |una |el |la )*(commit"
        "|pr|pull|rama|branch)\\b)"
        "|error|errores|falla~|fallo|deberia|debe|escribe|reemplaza|por que|no)",
    ),
    tasks=(
        "^((por favor|ahora|tambien|puedes|podrias) )*(arregla|arreglar|repara|reparar|corrige"
        "|corregir|soluciona|solucionar) (el|la|los|las|un|una|todos los|todas las) (_ )?\\w+"
        " (que (falla|fallan|falta|faltan|no pasa|no pasan)|rot[oa]s?|caid[oa]s?|fallid[oa]s?"
        "|errone[oa]s?|incorrect[oa]s?|faltantes?|duplicad[oa]s?|obsolet[oa]s?|lent[oa]s?)",
        "^((por favor|porfa|ahora|tambien|y|luego|puedes|podrias|quiero que|necesito que"
        "|quisiera que|me gustaria"
        " que|ayudame a|vamos a|hay que|tienes que|quiero|necesito|quisiera|me gustaria) )*"
        "(agreg~|anad~|crea~"
        "|cree~|implement~|escrib~|haz~|hacer|haga~|gener~|refactor~|renombr~|mueve|mover"
        "|muev~|actualiz~|cambi~"
        "|configur~|convert~|conviert~|reemplaz~|quit~|elimin~|integr~|mejor~|optimiz~"
        "|document~|extra~|separ~"
        "|us[ae]~|revis~|analiz~|investig~|busc~|explic~|describ~|resum~|compar~|verific~"
        "|prueba~|prepar~"
        "|planific~|traduc~|diseñ~|disen~|pon~|poner|modific~|ajust~|instal~|migr~|muestr~"
        "|dame|dime|construy~"
        "|desarroll~|permit~|un|una|que|lee|leer|define|valida~|copia~|simplific~|organiz~"
        "|ordena~|filtra~"
        "|exporta~|importa~|carga~|guarda~|conecta~|reescrib~|incluy~|incluir)",
        "^(eres un|actua como|como un|objetivo|contexto|tarea|en el|en la|en los|para el|para"
        " la|usando|basado)",
    ),
    questions=(
        "^(que(?! (funcione|quede|sea|se))|cual|cuales|como|cuando|donde|quien|por que|porque"
        "|xq|cuanto|cuantos|cuanta|cuantas|para que)",
        "^(es|esta|estan|hay|existe|se puede|puedo|podemos|deberia|debo|tiene|sabes|crees"
        "|conviene|explicame"
        "|explica|dime|hace falta|tengo que) ",
    ),
    requests=(
        "^(y |ahora |por favor )?(puedes|podrias|puede|podria|podemos|podriamos|me puedes|me"
        " podrias|te importa"
        "|serias capaz de|podes)(?! (_ )?(explica~|decir~|contar~|aclara~|describ~|resum~|ver"
        "|confirmar~|leer|acceder))",
    ),
    known_by=
    "el los las es esta estan un una que por para con del al se lo pero como cuando donde muy"
    " mas sin hay"
    " no si ya eso esto ese este todavia aun sigue ahora porque tambien otra vez nuevo mismo"
    " hazlo haz agrega crea"
    " quiero necesito puedes podrias funciona funciono falla boton pagina pantalla datos"
    " usuario archivo codigo"
    " gracias vale dale perfecto bien mal dije pedi debe deberia siguiente paso continua"
    " cambia cambiaste arregla"
    " corrige anade y en de la le me te su mi aparece muestra sale falta rompiste borraste"
    " quitaste listo genial",
    hypotheses=(
        "si(?! (pero|sigue|siguen|ya|que|funciona|esta|por|y|hazlo|claro|adelante|dale"
        "|continua|eso|a todo))(?= )",
        "en caso de", "asegurate de", "asegurate", "para que", "a menos que", "para evitar",
        "evita que", "evitar",
        "no solo", "no hay problema", "no te olvides de", "no olvides", "hasta que", "sin romper",
        "verifica que",
        "mensajes? de error", "manejo de errores", "comprueba que", "no te preocupes",
        "siempre que",
    ),
    fillers=("ok", "bueno", "pues", "y", "pero", "oye", "mira", "perdon", "por favor", "porfa",
    "vale", "si", "hola",
             "gracias", "perfecto", "genial", "bien", "excelente", "ahora", "a ver", "es que",
             "hmm+", "mm+", "listo",
             "creo que", "parece que", "veo que", "lamentablemente", "ya", "claro", "muy bien",
             "esta bien", "buenas"),
)  # fmt: skip
