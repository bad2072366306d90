"""The only side effects: the store, training, evaluation, tracking and the executor."""
