"""The case registry: who owes support to which state, found without ever keeping a readable SSN or name.

`population` makes synthetic people, `seed` stores them, `matching` answers whole files with one join. Only
programs and checks ask it. It never tells why somebody is not found.
"""
