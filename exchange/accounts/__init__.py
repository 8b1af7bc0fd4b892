"""Organizations, accounts and how they prove who they are: one decision for all doors.

Only `identity` makes an `Actor`. A row that was changed outside the portal proves nothing.
"""
