"""How the running bot is watched: its log, its health and figures, and the word to the operator when something needs a person."""
