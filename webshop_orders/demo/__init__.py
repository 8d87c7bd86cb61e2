"""A believable shop, and as many orders for it as a load test needs."""
