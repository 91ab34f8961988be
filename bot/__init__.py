"""The running program: settings in, the parts put together, and the `paperboy` command."""
