"""The commands of the terminal: `paperboy …`. bot/cli.py lists them, and loads the one that is used."""
