"""Makes a plan so. The only room that writes to a server."""
