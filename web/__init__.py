"""The web door: pages for people and the JSON API for programs.

A handler reads the request, makes one call of a use case, renders. Rules live below, never here.
"""
