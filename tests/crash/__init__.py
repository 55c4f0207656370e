"""Kill the writing process, pull the plug, and look whether anything was lost."""
