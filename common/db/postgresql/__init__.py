"""Django's PostgreSQL backend whose connections don't wait for ever for a server that is silent."""
