"""The ground: what a record holds. Typed models, controlled vocabularies and field labels; no I/O, no Django."""
