"""Locate: caseworkers of tribes and states find people, lawfully."""
