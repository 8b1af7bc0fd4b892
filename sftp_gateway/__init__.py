"""The SFTP door: translates the SSH file transfer protocol, version 3, into calls of use cases.

It decides nothing about permissions, names or formats; it never writes a byte to disk itself.
"""
