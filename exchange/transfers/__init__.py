"""A file's whole way: intake, pipeline, delivery, receipts, retention.

The doors call `intake` and `delivery`; workers call `pipeline` and `retention`.
"""
