"""A whole call as a contest package: leaving the database, and coming into it."""
