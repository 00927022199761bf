"""The database of a session: what was offered, what was answered, what the trainer made of it."""
