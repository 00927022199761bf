"""MuJoCo: tasks, batched stepping, clips, rendering. Knows neither Qt nor torch."""
