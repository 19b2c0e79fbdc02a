"""Who may come to the outbox page: whoever sits at the embedded machine; it does not exist elsewhere."""
