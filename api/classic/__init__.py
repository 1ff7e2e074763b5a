"""The API of a single garage for simple clients: a face of one lot, in camelCase and cents, with errors as messages."""
