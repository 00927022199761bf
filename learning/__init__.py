"""Reward models, teachers, policy optimisation, the Trainer. Knows sim; never Qt, never SQL."""
