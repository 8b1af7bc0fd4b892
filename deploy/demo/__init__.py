"""The demonstration: invented organizations, people, a little history, and a file of sign-ins.

Synthetic data only. All of it is made through the use cases that an installation in earnest goes through.
"""
