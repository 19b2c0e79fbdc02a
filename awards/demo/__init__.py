"""A demonstrative world: three programmes, a call in every phase, and people who do not exist."""
