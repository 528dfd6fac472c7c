"""The finished and running trials of a study: as arrays, as records, and by score."""
