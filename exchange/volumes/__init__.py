"""How much is exchanged: files and records by program, partner and month, what was refused, what waits.

OCSS asks `overview`. The database counts, and no row of a transfer leaves it. A month that has ended is
counted once (`closed`, a worker's chore) and looked up from then on; what is newer is counted when somebody
asks (`live`). Never names a file or looks into one.
"""
