"""The Intergovernmental Reference Guide (OMB 0970-0209) as documents: what travels, and what is stored."""
