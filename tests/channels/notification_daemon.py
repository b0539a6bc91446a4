"""A desktop's notification service: python -m tests.channels.notification_daemon HOW

HOW: `answers`; `plain`, it does and shows bodies as they are; `silent`, it never does; `refuses`,
with an error; `absent`, there is none.
Its output is lines: the address of the bus, then each notification as JSON.
"""

from __future__ import annotations

import json
import os
import sys

from jeepney import HeaderFields, MessageType, new_error, new_method_return  # type: ignore[import-untyped]
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

NAME = "org.freedesktop.Notifications"


def main(how: str) -> None:
    """Serve until the bus ends."""
    connection = open_dbus_connection()
    if how != "absent":
        connection.send_and_get_reply(message_bus.RequestName(NAME))
    print(os.environ["DBUS_SESSION_BUS_ADDRESS"], flush=True)
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        fields = message.header.fields
        place = [fields[HeaderFields.path], fields[HeaderFields.interface]]
        if fields[HeaderFields.member] == "GetCapabilities" and how in ("answers", "plain"):
            able = ["actions", "body"] + ["body-markup"] * (how == "answers")
            connection.send(new_method_return(message, "as", (able,)))
            continue
        if fields[HeaderFields.member] == "GetCapabilities" and how == "refuses":
            connection.send(new_error(message, f"{NAME}.Error", "s", ("which?",)))
            continue
        call = [fields[HeaderFields.member], fields.get(HeaderFields.signature, "")]
        print(json.dumps([*place, *call, list(message.body)]), flush=True)
        if how in ("answers", "plain"):
            connection.send(new_method_return(message, "u", (7,)))
        elif how == "refuses":
            connection.send(new_error(message, f"{NAME}.Error", "s", ("too many\n\x1b[31m",)))


if __name__ == "__main__":
    main(sys.argv[1])
