"""Reading results: what they follow from, what can be decided about them, and what is told."""
