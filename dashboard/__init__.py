"""Reads the runs that MLflow keeps, and explains them. Needs no torch; see `silta-dashboard`."""
