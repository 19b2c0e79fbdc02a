"""Changes in judging: the jury, assignments, ballots, the ledger, aggregation."""
