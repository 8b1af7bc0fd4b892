"""Locate, as documents: what is asked about a person, and what a source answers."""
