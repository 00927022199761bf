"""The Teach screen: "which is better?"."""

from ui.teach.screen import TeachScreen

__all__ = ["TeachScreen"]
