"""The engine behind the warehouse, as a protocol in Arrow."""
