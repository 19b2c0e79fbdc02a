"""Who may come to the routes of signing in."""
