"""The Intergovernmental Reference Guide: kept by those it is about, read by everybody else."""
