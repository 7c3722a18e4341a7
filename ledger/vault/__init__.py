"""The vault: what opens sealed fields, kept encrypted, looked up by event, erased."""
