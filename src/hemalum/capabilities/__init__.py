"""What people do. One folder per capability; the order of the layers is the architecture."""
