"""AWS on this machine: MiniStack inside a thin layer that adds what the project needs and it lacks.

Two environments import this folder: `server.py` and what it installs run in the emulator's, everything else in the
project's. So nothing is imported here.
"""
