"""What every page shares: requests, forms, responses, headers."""
