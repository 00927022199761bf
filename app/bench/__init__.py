"""Measurements of this program, as tables that a command makes again."""
