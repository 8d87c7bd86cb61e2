"""Demo data: a small realistic shop, and bulk orders for load tests."""
