"""A Discord on a loopback socket, for what only a wire can show: outages, lost answers, rate limits, restarts, kills.

The real discord.py connects to it through the settings ``discord.api_url`` and ``discord.gateway_url``. How things look to people
is SimCord's part; this one has the protocol's traps: exact content types, rate headers, nonces that are remembered for a while,
permissions, answers that get lost, interactions that come twice or are answered too late. Where it is not sure what Discord would
do, it does the stricter thing.
"""
