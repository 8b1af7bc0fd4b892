"""One file a document: its records, column by column, as the document prints them.

Positions marked V were read in a source; those marked L, I or M wait for an official handbook; P are ours.
Correcting one is an edit of one line here.
"""
