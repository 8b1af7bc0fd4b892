"""The commands of `portal`, one file a subject; each opens what it needs, calls below, prints."""
