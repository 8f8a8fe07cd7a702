"""The name of a reporter who asked for it to be kept back: who may be shown it, and how two people open it."""
