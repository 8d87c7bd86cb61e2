"""Reading the files that other shops export: tables and JSON, told apart by their shape."""
