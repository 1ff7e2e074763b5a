"""The embedded servers under rough treatment."""

from django.db import connection


def test_database_of_the_test_run_is_postgresql_18_on_a_unix_socket(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('listen_addresses')")
        version, addresses = cursor.fetchone()
    assert version >= 180000
    assert addresses == ""
