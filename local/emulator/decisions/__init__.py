"""Every decision about access that the emulator makes, logged as CloudTrail would word it.

`noting` sees what is decided, `statements` finds out by which statements, `watching` keeps it until the request is
answered, `event` words it, `log` keeps it for good.
"""
