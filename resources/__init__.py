"""MJCF models, icons, teacher guides, desktop entry. Data only."""
