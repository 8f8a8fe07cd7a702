"""Who holds the duty and when it moves: ladders and policies, the climb, deadlines that pass, and who is told beside the holder."""
