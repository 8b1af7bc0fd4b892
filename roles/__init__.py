"""Who may do what: roles, permissions, programs, kinds of organization.

Data and pure functions only. The one table of permissions lives here and is rendered wherever it is shown.
"""
