"""The handlers: each reads the request, makes one call of a use case, renders."""
