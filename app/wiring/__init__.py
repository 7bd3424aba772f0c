"""How the parts are put together from the settings. One module a purpose: a command loads only what it needs."""
