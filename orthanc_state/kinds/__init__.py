"""The managed things, one module each."""
