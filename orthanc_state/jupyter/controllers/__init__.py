"""What panels do, without how they look: plain Python that needs no notebook."""
