"""Cases that agencies keep in the case registry by file: what a file says, and what becomes of it."""
