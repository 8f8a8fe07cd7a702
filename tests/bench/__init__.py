"""`make bench`: what this machine does with the portal at full-force size, each figure beside its floor measured in the same run."""
