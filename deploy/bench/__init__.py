"""The project's own benchmarks: the web door beside nginx and rclone, same client, same machine, same run.

Everything is started here, on loopback, in one temporary folder, and taken away again. Only synthetic bytes.
"""
