"""Files that show what was sent: looked through, kept byte for byte, shown as a copy drawn anew."""
