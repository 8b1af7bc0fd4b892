"""Starts everything: the `portal` command, the demonstration, migrations, packaging, decisions.

The only place that knows every part of the house.
"""
