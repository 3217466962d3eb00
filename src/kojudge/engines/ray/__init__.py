"""The ``ray`` engine: Ray Data over workers that each hold one of the other engines."""
