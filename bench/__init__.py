"""Speed and endurance, measured side by side in one run. Nothing here is a test; docs/measurements.md keeps the figures."""
