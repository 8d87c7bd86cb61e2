"""JSON documents: one definition each for what is read, written and described in OpenAPI."""
