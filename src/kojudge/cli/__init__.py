"""The command line: load, call, show. One file a command."""
