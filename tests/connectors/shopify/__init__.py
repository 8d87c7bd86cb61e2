"""Orders of Shopify in the shape of its Admin REST API; the people are invented, the sums are computed here."""
