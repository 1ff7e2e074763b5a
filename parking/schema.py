"""Whether the database was made by a version whose migrations this one knows."""

from django.db.migrations.executor import MigrationExecutor


class UnknownMigrationsError(Exception):
    """The database has migrations that this version does not know; the message says what to do."""


def refuse_unknown_migrations(executor: MigrationExecutor, *, database: str) -> None:
    """Check the migrations that a database has against ours. Raises UnknownMigrationsError, which calls it `database`.

    Only apps that are still installed count: what a removed package leaves behind does no harm.
    """
    known = executor.loader.disk_migrations
    installed = {app for app, _ in known}
    unknown = sorted(key for key in executor.loader.applied_migrations if key not in known and key[0] in installed)
    if unknown:
        raise UnknownMigrationsError(
            f"{database} was made by another version, such as one from before the first release: this one does not "
            f"know its migration {'.'.join(unknown[0])}. Remove it, or choose another."
        )
