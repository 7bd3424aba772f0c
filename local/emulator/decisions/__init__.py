"""Every decision about access that the emulator makes, logged as CloudTrail would word it.

`watching` sees what is decided, `statements` finds out by which statements, `event` words it, `log` keeps it.
"""
