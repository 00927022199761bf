"""Qt widgets. Knows sim and the torch-free messages of learning; never torch, never SQL."""
