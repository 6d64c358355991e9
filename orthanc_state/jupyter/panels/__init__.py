"""The panels: thin views of their controllers."""
