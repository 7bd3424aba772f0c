"""AWS on this machine: the engine, the emulator, the provider plugin and the language host, and the demo on top."""
