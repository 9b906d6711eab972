"""One folder per outside thing.  They translate and nothing else, and never import each other."""
