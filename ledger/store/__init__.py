"""PostgreSQL: the embedded server, the tables and roles, the recorder that extends event log and tree together."""
