"""How people are found in the case registry although they are spelled, dated or numbered differently.

`naming`, `dates` and `digits` say what a fact may look like elsewhere; `blocking` makes the keys that people
are found by, `pages` keeps them sealed, `filling` puts people in; `weights` is the table of what agrees by
how much, `comparing` adds it up. Only `exchange.registry.persons` is asked from outside. Nothing here decides
who may see what. See decision 33.
"""
