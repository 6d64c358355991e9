"""Many servers: the inventory that names them, and plans and applies of all of them together."""
