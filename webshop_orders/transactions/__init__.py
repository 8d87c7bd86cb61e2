"""Changes as complete transactions: they call the operations, which never commit, for pages, the API and commands."""
