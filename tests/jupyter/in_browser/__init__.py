"""The panels, looked at by a browser; a package, so that the browser ends with it."""
