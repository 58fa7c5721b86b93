"""How :mod:`shirushi.describe.preview` looks into each sort of file; all of it runs in an isolated worker."""
