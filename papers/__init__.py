"""The nouns: what a paper, a topic and a subscription are, and the text work all of them share.

Standard library only and nothing to await, so that every folder to the right can lean on these without a second thought.
"""
