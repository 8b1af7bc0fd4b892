"""Synthetic sources of locate, each a process of its own: slow, silent and mistaken, as real ones are."""
