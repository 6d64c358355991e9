"""What a user writes: files loaded, checked and merged. No network."""
