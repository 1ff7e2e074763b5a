"""A changed capacity moves its counter by the difference, so that cars inside always have room on the way."""

from django.db import migrations

CHANGE = """
    IF TG_OP = 'UPDATE' AND OLD.level_id = NEW.level_id AND OLD.spot_type = NEW.spot_type THEN
        PERFORM lots_move_count(the_lot, NEW.level_id, NEW.spot_type, NEW.count::bigint - OLD.count, 0, 0, 0);
        RETURN NULL;
    END IF;
"""

COUNT_CAPACITY = """
CREATE OR REPLACE FUNCTION lots_count_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_lot bigint;
BEGIN
    SELECT lot.id INTO the_lot FROM lots_level level JOIN lots_lot lot ON lot.id = level.lot_id
    WHERE level.id = coalesce(NEW.level_id, OLD.level_id) AND lot.tracking = 'levels';
    IF the_lot IS NULL THEN
        RETURN NULL;
    END IF;
    {change}
    IF TG_OP <> 'INSERT' THEN
        PERFORM lots_move_count(the_lot, OLD.level_id, OLD.spot_type, -OLD.count::bigint, 0, 0, 0);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM lots_move_count(the_lot, NEW.level_id, NEW.spot_type, NEW.count::bigint, 0, 0, 0);
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("lots", "0002_counters")]

    operations = [migrations.RunSQL(COUNT_CAPACITY.format(change=CHANGE), COUNT_CAPACITY.format(change=""))]
