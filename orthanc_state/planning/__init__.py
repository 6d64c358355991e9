"""What has to change: the differ and the plan. Pure: no network, no printing."""
