"""Spanish."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="es",
    topics=(
        Topic(
            file="app/informes/exportar_csv.py",
            task="haz que exportar_csv.py escriba los importes con coma decimal y dos cifras",
            symptoms=(
                "en el Excel me salen los importes con punto, tipo 1234.5",
                "ahora sale 1234,5 con una sola cifra",
                "las facturas de más de mil llevan un punto de miles y Excel las lee como texto",
                "abro el fichero y la columna importe está vacía",
                "los negativos siguen saliendo con punto",
            ),
            expected=(
                "un importe de mil doscientos tiene que quedar así: 1200,00",
                "siempre dos decimales y coma, también en los negativos, y sin separador de miles",
            ),
            again=(
                "que exportar_csv.py escriba los importes con coma decimal y dos cifras, porfa",
                "en exportar_csv.py los importes tienen que ir con coma y con dos decimales",
            ),
            error=(
                'Traceback (most recent call last):\n  File "app/informes/exportar_csv.py", line '
                "52, in fila\n"
                "ValueError: Unknown format code 'f' for object of type 'str'"
            ),
            series=(
                "ahora añade a exportar_csv.py una columna con el NIF del cliente",
                "lo siguiente: que se pueda elegir el separador de campos",
                "y después un total al final de cada hoja",
            ),
            refine=(
                "una cosa más: los clientes de México lo quieren con punto, mira el campo pais",
                "para los borradores no hace falta importe, deja la celda en blanco",
            ),
            variations=(
                "pon la cabecera en mayúsculas a ver qué tal",
                "mejor solo la primera letra",
                "y si probamos con los nombres cortos de la tabla",
            ),
            praise="genial, ahora cuadra todo. haz también configurable el número de decimales",
        ),
        Topic(
            file="src/correo/plantillas.py",
            task=(
                "los correos de bienvenida llegan con el nombre vacío, arréglalo en "
                "src/correo/plantillas.py"
            ),
            symptoms=(
                "acabo de registrarme con otra cuenta y pone «Hola ,»",
                "ahora el asunto trae el nombre pero el cuerpo dice Hola {nombre}",
                "en los usuarios con dos apellidos sale solo el segundo",
                "me ha llegado el correo dos veces y en ninguno aparece el nombre",
                "con las cuentas de Google el saludo sale en blanco",
            ),
            expected=(
                "el saludo debe llevar el nombre de pila tal como está en el perfil",
                "si no hay nombre que ponga solo «Hola,» y si lo hay, «Hola Marta,»",
            ),
            again=(
                (
                    "el nombre sale vacío en los correos de bienvenida, arregla "
                    "src/correo/plantillas.py"
                ),
                (
                    "los correos de bienbenida llegan con el nombre vacio, arreglalo en "
                    "src/correo/plantillas.py"
                ),
            ),
            error=(
                "jinja2.exceptions.UndefinedError: 'dict object' has no attribute 'nombre'\n"
                '  File "src/correo/plantillas.py", line 27, in saludo'
            ),
            series=(
                "siguiente: una versión en texto plano de la plantilla en plantillas.py",
                "también el correo de recuperar contraseña, en el mismo fichero",
                "por último, el pie con la dirección de la empresa",
            ),
            refine=(
                "para las empresas usa la razón social, me lo acaba de pedir ventas",
                "en catalán el saludo es «Hola» también, pero la despedida cambia",
            ),
            variations=(
                "¿y si el saludo va en negrita?",
                "prueba con un tono más formal, «Estimada Marta»",
                "pon la firma a la derecha",
            ),
            praise="ahora sí, perfecto. añade el nombre también en el asunto",
        ),
        Topic(
            file="web/mapa/tiendas.js",
            task=(
                "el mapa de tiendas.js tarda muchísimo con 5000 puntos, agrupa los marcadores "
                "cercanos"
            ),
            symptoms=(
                "sigo viendo los 5000 puntos uno a uno",
                "se agrupan, pero al hacer zoom no se separan",
                "en el móvil tarda unos 9 segundos en pintar",
                "los números de los grupos no cuadran, pone 3 y al abrir hay 40",
                "al arrastrar el mapa desaparecen todos",
            ),
            expected=(
                "de lejos quiero ver círculos con el número de tiendas y de cerca cada tienda",
                "menos de un segundo hasta que se ve algo, con todas las tiendas cargadas",
            ),
            again=(
                (
                    "agrupa los marcadores cercanos en tiendas.js, con 5000 puntos el mapa tarda "
                    "muchísimo"
                ),
                (
                    "tiendas.js: el mapa va lentísimo con 5000 puntos, hay que agrupar los "
                    "marcadores que están cerca"
                ),
            ),
            error=(
                "Uncaught TypeError: map.addLayer is not a function\n    at pintar "
                "(tiendas.js:73:9)\n"
                "    at HTMLDocument.<anonymous> (tiendas.js:12:3)"
            ),
            series=(
                "ahora un buscador por código postal en tiendas.js",
                "luego un botón para ir a mi ubicación",
                "y guardar el último zoom en localStorage",
            ),
            refine=(
                "las tiendas cerradas no deberían contar, tienen estado = 0",
                "en Canarias el agrupado debe empezar en el nivel 8, están muy juntas",
            ),
            variations=(
                "prueba los círculos en azul corporativo",
                "un poco más grandes y con borde blanco",
                "quizá cuadrados queden mejor",
            ),
            praise="va volando, gracias. que el color del círculo dependa del número de tiendas",
        ),
    ),
    complaints=(
        "no, así no era",
        "sigue sin funcionar",
        "eso no es lo que te pedí",
        "otra vez mal",
        "no ha cambiado nada",
        "lo has roto más",
        "te has equivocado de sitio",
        "esto está fatal, revísalo bien",
    ),
    control=("sí", "sigue", "vale, adelante", "la 2"),
    chores=("pasa los tests", "haz commit", "súbelo", "reinicia el servidor"),
    questions=(
        "¿dónde se guarda el idioma del usuario?",
        "¿por qué hay dos tablas de clientes?",
        "¿esto se puede hacer sin tocar la base de datos?",
    ),
    thanks=("perfecto, gracias", "ya está, mil gracias", "ahora va bien"),
    reviews=(
        "comentario de Lucía en el PR: saca la constante a settings",
        "segunda ronda de revisión: cambia el nombre de la función auxiliar",
        "último comentario: usa el formato de fecha común",
    ),
    template="traduce los textos de {x} siguiendo la misma estructura que los demás idiomas",
    wordings=(
        "dime todos los sitios donde se calcula el IVA a mano",
        "busca en el código dónde calculamos el IVA manualmente",
        "haz una lista de los lugares en los que el IVA se calcula sin la función común",
    ),
    job="revisa el registro de la importación nocturna y resume las filas fallidas",
)
