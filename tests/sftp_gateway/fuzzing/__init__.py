"""Seeded fuzzing of the gateway, layer by layer: what a peer may send at any moment, and what must hold.

A case follows from its seed and number alone (`pieces.Dice`), so that one that failed is repeated by both.
`lines` and `messages` and `requests` make what is sent, `peers` send it and read what comes back.
"""
