"""The command line: one file a sub-command, which parses, builds, calls and prints."""
