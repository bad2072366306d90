"""HOW text gets in: published rows, original files, the hub and the miniature."""
