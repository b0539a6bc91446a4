"""When the user is to hear of something: what holds (`conditions`), and when it is told (`engine`)."""
