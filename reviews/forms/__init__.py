"""What organisers type: in the rooms of a call, and into its rules."""
