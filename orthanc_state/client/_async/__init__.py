"""The asynchronous client, which is the source: `_sync` is generated from it by `tools/make_sync.py`."""
