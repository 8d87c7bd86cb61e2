"""Long work, carried out by the worker."""
