"""Notices for agencies, read on pages: a list by kind, and the records of one without loading its file.

Every look into one is a download: the same permission, the same journal event.
"""
