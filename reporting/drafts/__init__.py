"""From the first word typed to the moment a draft becomes a report."""
