"""A local account that outlives its process, kill -9 included, by option: what AWS never forgets is kept in a journal.

`journal` is the file, `changes` what is to be written before the next answer, `restored` what the file says. `queues`
and `stores` notice what MiniStack changes: the one each message by itself, since every worker's request changes some,
the other by comparing after calls that are rare. `removal` finds what a list has lost, and `keeping` puts all together.

MiniStack's own PERSIST_STATE writes only when it is told to stop, and forgets sessions even then; its S3_PERSIST writes
an object's body and its headers one after the other, so that a kill in between leaves an object that never was.

Left out: the decision log (a file already), the points of metrics, and move tasks: one that was under way ends.
"""
