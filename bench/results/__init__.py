"""What a measurement leaves behind: one JSON file, one HTML page, and a comparison of two."""
