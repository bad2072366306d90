"""WHAT can be said: the one vocabulary of both packages. Standard library only."""
