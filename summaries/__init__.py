"""A paper in a few sentences, and where they came from."""
