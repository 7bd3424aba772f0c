"""Errors that are told to a person in one line."""


class UserMistakeError(Exception):
    """Something given was wrong: the message names it, what is allowed and what to do. The CLI exits with 2."""


class OperationFailedError(Exception):
    """What was asked for could not be done, through no fault of the input. The CLI exits with 1."""
