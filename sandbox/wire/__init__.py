"""A Discord on a loopback socket, for what only a wire can show: outages, lost answers, rate limits, restarts, kills.

The real discord.py connects to it through the settings ``discord.api_url`` and ``discord.gateway_url``. What people click is
SimCord's part; this one has the protocol's traps: exact content types, rate headers, nonces that are remembered for a while,
permissions, answers that get lost.
"""
