"""Pure: frame in, frame out. pandas, numpy and scipy only."""
