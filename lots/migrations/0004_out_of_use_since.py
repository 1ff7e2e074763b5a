"""Since when a spot is out of use: noted by the database whenever somebody takes it out, whoever does."""

from django.db import migrations, models
from django.utils.timezone import now


NOTE_SINCE = """
CREATE FUNCTION lots_note_maintenance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.maintenance = OLD.maintenance THEN
        NEW.maintenance_since = OLD.maintenance_since;
    ELSE
        NEW.maintenance_since = CASE WHEN NEW.maintenance THEN now() END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lots_spot_maintenance BEFORE UPDATE OF maintenance ON lots_spot
FOR EACH ROW EXECUTE FUNCTION lots_note_maintenance();
CREATE TRIGGER lots_spot_made_in_maintenance BEFORE INSERT ON lots_spot
FOR EACH ROW WHEN (NEW.maintenance) EXECUTE FUNCTION lots_note_maintenance();
"""


def count_from_today(apps, schema_editor):
    """Spots that are out of use already count from now, as nobody noted since when they are."""
    apps.get_model("lots", "Spot").objects.filter(maintenance=True).update(maintenance_since=now())


class Migration(migrations.Migration):
    dependencies = [("lots", "0003_capacity_by_difference")]

    operations = [
        migrations.AddField(
            "spot", "maintenance_since", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.RunPython(count_from_today, migrations.RunPython.noop),
        migrations.RunSQL(NOTE_SINCE, "DROP FUNCTION lots_note_maintenance CASCADE"),
        migrations.AddIndex(
            "spot",
            models.Index(
                fields=["lot", "maintenance_since"], condition=models.Q(maintenance=True), name="spot_out_of_use"
            ),
        ),
    ]
