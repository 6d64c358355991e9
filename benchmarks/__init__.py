"""How fast the kit is, beside what the same machine takes for what cannot be done without: `python -m benchmarks`."""
