"""Fuzzing of every loader of files that a stranger may have made: python -m tests.benchmarks.fuzz --help."""
