"""What partners read: `sftp.md`, `guide.md`. `tables.py` makes tables from the code; a test compares."""
