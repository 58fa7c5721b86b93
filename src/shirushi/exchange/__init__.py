"""Formats in and out: one module per format, pure functions from a Publication (and back where the format allows)."""
