"""What several tests and measures share: toy studies and trainers, servers, and helpers of the command line."""
