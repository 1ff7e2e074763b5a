"""Server-sent events: the process that sends them, and how other processes pass them on."""
