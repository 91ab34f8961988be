"""The one door to the web: replies of the services come in, Papers go out.

Each source is one file. They share one polite HTTP client (http.py), and what they all promise is written in base.py.
"""
