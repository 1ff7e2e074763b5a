-- What happened at a gate is only ever added to.

CREATE FUNCTION gates_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'gate events are only ever added' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER gates_gateevent_append_only BEFORE DELETE OR UPDATE
ON gates_gateevent
FOR EACH ROW EXECUTE FUNCTION gates_refuse_change();
