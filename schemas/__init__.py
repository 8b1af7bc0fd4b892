"""What travels looks like: record layouts, findings, web forms, synthetic samples.

Data and pure functions only. Anyone above may call it; it opens no database, no socket and no file of its own.
"""
