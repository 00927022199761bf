"""What the window needs of the program to export the policy of an open session, as a protocol."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance


class ExportPort(Protocol):
    """Writes bundles, one at a time. All methods are called on the GUI thread and return at once."""

    progress: "SignalInstance"
    """(float, str) share done and what is being written."""
    ended: "SignalInstance"
    """(object) a Path when an export is done, a Failure when it is not."""

    def begin(self, folder: Path) -> None:
        """Starts writing the bundle in the background; `ended` tells the end. Raises UserError if it cannot start."""
        ...

    def cancel(self) -> None:
        """Ends the export early; `ended` still tells."""
        ...
