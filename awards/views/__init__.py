"""Pages of awards: what is decided, what is published, what everyone reads."""
