"""The embedded world: generated parallel languages and every task in its published schema."""
