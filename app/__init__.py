"""The program: command line, sessions on disk, the training thread, exports. Knows every part."""
