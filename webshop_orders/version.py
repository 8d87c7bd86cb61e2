"""The version of the program; the wheel takes it from here."""

VERSION = "1.0.0"
