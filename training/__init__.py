"""Silta's training side: everything that learns, measures and writes runs."""
