"""MuJoCo: tasks, batched stepping, clips, rendering. Knows neither Qt nor torch."""

from sim.importing import prepare

prepare()
