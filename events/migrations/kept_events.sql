-- What happened is not changed; only its data may be, where a person has to be forgotten.

CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are only ever added' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER events_event_stays BEFORE UPDATE OF id, kind, subject, operator_id, lot, at
ON events_event
FOR EACH ROW EXECUTE FUNCTION events_refuse_change();

CREATE TRIGGER events_event_keeps_number BEFORE UPDATE OF number
ON events_event
FOR EACH ROW WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION events_refuse_change();

-- A person joins the people of an operator. Of anybody else's account no operator learns.
CREATE FUNCTION events_record_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_event (kind, subject, operator_id, at, data)
    VALUES ('user.registered', 'user:' || NEW.user_id, NEW.operator_id, NEW.since,
        jsonb_build_object('id', NEW.user_id, 'role', NEW.role));
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_membership_events AFTER INSERT
ON accounts_membership
FOR EACH ROW EXECUTE FUNCTION events_record_member();

-- Events are added all day and read in the order in which they were written.
ALTER TABLE events_event SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
