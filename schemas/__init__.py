"""What travels looks like: record layouts, findings, web forms, synthetic samples.

Data and pure functions only. Anyone above may call it; it opens no database, socket or file of its own.
"""
