"""Läs in spårningskoder: files of tracking codes, from the upload to what became of their rows."""
