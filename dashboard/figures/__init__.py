"""Pure: frame in, plotly Figure out."""
