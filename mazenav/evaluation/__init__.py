"""How agents are judged: tasks, runs, numbers, reports."""
