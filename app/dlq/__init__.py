"""The dead-letter queue as the one on call sees it: looked at without being emptied, and sent back to be worked on.

`letter` is one message in it and `move_task` one of SQS's own moves, `queue` the calls, `browsing` looks through it and
gives everything back, `records` knows why a letter is there, `filters` chooses, `one_by_one` and `moving` send back,
`exporting` writes to a file.
"""
