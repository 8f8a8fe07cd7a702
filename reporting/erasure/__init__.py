"""Destroying what a report says, by two people, and doing it again where a backup brought it back."""
