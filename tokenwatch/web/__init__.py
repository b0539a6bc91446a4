"""The monitor in a browser: who may come in (`gate`), the pages (`server`), the app (`child`)."""
