"""Learning from experience alone: tasks, collection, losses, the loop."""
