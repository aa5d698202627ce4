"""HTTP of apps."""
