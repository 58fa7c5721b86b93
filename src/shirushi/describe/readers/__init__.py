"""Readers: one module per family of formats, imported only when a file of that family is met."""
