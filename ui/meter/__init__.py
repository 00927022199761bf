"""The Meter screen: is the reward gamed, and when did it start?"""

from ui.meter.screen import MeterScreen

__all__ = ["MeterScreen"]
