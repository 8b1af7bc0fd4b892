"""The business of the portal: every use case and all storage.

The doors (`web`, `sftp_gateway`) call it, `deploy` starts it. It knows neither HTTP nor SFTP.
"""
