"""The benchmarks' own arithmetic: what a figure means must be right before it is believed."""
