"""A plan or a report as text and as JSON."""
