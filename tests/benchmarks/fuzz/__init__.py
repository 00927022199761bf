"""Mutated files for every loader of files that a stranger may have made."""
