"""What a plan cannot see: whether links work, whether a server is as it has to be, whether it is safe, what lasts."""
