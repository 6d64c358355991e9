"""The synchronous client; see `tools/make_sync.py`."""
