"""What opens over the window and is in nobody's way: settings, export, reaction time, about. None of them is modal."""

from ui.dialogs.about import show_about
from ui.dialogs.export import end_export, show_export
from ui.dialogs.reaction import show_reaction
from ui.dialogs.settings import show_settings
from ui.dialogs.summary import show_summary

__all__ = ["end_export", "show_about", "show_export", "show_reaction", "show_settings", "show_summary"]
