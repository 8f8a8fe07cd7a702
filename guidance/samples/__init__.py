"""Sample guidance written for this project, for a force to replace with its own."""
