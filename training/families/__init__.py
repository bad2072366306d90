"""HOW a kind of task is learnt and measured: encode, head, loss, decode and score together."""
