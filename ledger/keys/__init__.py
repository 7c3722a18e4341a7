"""Private keys: where they are kept, and which of them signs."""
