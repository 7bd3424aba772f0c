"""SQS's message move tasks, which MiniStack lacks: what redrives a dead-letter queue.

`task` is one task's life, `handle` how it is named, `letters` the messages that it moves, `rights` what its caller may
have SQS do and `forwarding` how such calls come, `wire` the older protocol; `actions` are the three calls, and installs
all of it.
"""
