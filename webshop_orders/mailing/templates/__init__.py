"""Mail templates: their language, variables, checks and previews."""
