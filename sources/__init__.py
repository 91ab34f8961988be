"""The one door to the web: replies of the services come in, Papers go out.

A source is one file (arXiv's, with its feed, its query API and its calendar, are several). They share one polite HTTP client
(http.py), and what they all promise is written in base.py.
"""
