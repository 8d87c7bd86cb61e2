"""The list of orders. A page is made in one direction: filters, key_lookup, query_plan, statements, pages."""
