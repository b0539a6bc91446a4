"""When the user is to hear of something: what holds (`conditions`), when it is told (`engine`)."""
