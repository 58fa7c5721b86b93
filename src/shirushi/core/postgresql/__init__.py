"""Django's backend for PostgreSQL, for which JSON with characters that it refuses is written with U+FFFD in their place."""
