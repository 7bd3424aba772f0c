"""Whether this application, with this environment and this role, would work: looked at, and nothing changed.

`finding` is what one check says, `answers` what AWS's refusals mean for it; `identity`, `queues`, `switch`, `uploads`
and `store` look at one thing each; `examination` runs them all.
"""
