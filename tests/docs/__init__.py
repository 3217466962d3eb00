"""The documentation as its readers use it: every command run, every page of the site opened."""
