"""Speed, memory, endurance, and how good the answers, the summaries and the presets are; rivals are measured in the same run.

Nothing here is a test; docs/measurements.md keeps the figures, docs/topics.md those of the presets.
"""
