"""Gate events are a record: rows are added, never changed or removed."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION gates_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'gate events are only ever added' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER gates_gateevent_append_only BEFORE UPDATE OR DELETE ON gates_gateevent
FOR EACH ROW EXECUTE FUNCTION gates_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("gates", "0001_initial")]

    operations = [migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION gates_refuse_change CASCADE")]
