"""The measured budgets: `python -m benchmarks`."""
