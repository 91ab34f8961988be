"""Slash commands: read the arguments, call one thing, show one view. A cog gets what it needs, never the bot."""
