"""The demo: the main job, run for real, and a summary that says whether all is as it must be."""

from local.demo.run import DemoFailedError, run_demo

__all__ = ["DemoFailedError", "run_demo"]
