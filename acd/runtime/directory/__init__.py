"""The directory's file: reading, checking, loading and trying it."""
