-- Zones are kept with where their rows lie on the plan, as audit.kept_tables says.

DROP TRIGGER audit_added ON lots_zone;
DROP TRIGGER audit_changed ON lots_zone;
DROP TRIGGER audit_removed ON lots_zone;

CREATE TRIGGER audit_added AFTER INSERT
ON lots_zone FOR EACH ROW
EXECUTE FUNCTION audit_keep('level', 'name',
    'name,spot_type,prefix,start,step,count,distance,elevator_distance,ordinal,left,top,angle',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "spot_type", "prefix", "start", "step", "count", "distance", "elevator_distance", "ordinal", "left", "top", "angle"
ON lots_zone FOR EACH ROW
EXECUTE FUNCTION audit_keep('level', 'name',
    'name,spot_type,prefix,start,step,count,distance,elevator_distance,ordinal,left,top,angle',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON lots_zone FOR EACH ROW
EXECUTE FUNCTION audit_keep('level', 'name',
    'name,spot_type,prefix,start,step,count,distance,elevator_distance,ordinal,left,top,angle',
    '',
    '',
    '',
    '');
