"""A question → the papers that answer it, best first.

A lexicon learnt from the papers mends typos. Tantivy finds the candidates; they are ranked over the papers' stems with numpy
and by their titles with rapidfuzz, by meaning, too, where a model is set. All of it is derived from the store and can be
rebuilt from it at any time.
"""
