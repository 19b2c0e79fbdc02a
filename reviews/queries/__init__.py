"""Reading in judging: rules, the engine's inputs, and what each page shows."""
