"""Pictures of rectangular mazes, drawn, rendered or photographed, read as layouts."""
