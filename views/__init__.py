"""How it looks in Discord: layouts and buttons. Nothing is decided or stored here; values come in, a layout goes out."""
