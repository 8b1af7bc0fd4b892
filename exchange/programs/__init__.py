"""What each program does with an accepted file: one file a program, one table that the pipeline asks.

A program reads the file a second time, sees exactly the records that were accepted, and returns the documents
that go out; it changes nothing itself. The pipeline commits the documents together with the state COMPLETE.
"""
