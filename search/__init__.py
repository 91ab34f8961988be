"""A question → the papers that answer it, best first.

Tantivy finds the candidates, rapidfuzz mends typos and compares titles. The index is derived from the store and can be
rebuilt from it at any time.
"""
