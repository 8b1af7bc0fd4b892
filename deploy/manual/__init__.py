"""What partners read: `sftp.md`. `tables.py` makes its tables from the code's own; a test compares."""
