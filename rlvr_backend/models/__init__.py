"""Models: load a vision-language model, and train the small embedded one."""
