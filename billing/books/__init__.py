"""The books: what was charged, credited, captured and refunded, by the lots' days and hours."""

from billing.books.keeping import book_postings, close_days

__all__ = ["book_postings", "close_days"]
