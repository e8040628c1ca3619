"""Generator of everything that is derived from isa.json and the core files."""
