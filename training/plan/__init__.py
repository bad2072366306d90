"""WHICH of what exists was asked for: a matrix file, read strictly and expanded into a plan.

Needs no torch, so it answers at once.
"""
