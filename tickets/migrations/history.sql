-- Every change of a stay's status is kept, with who made it and why.

CREATE FUNCTION tickets_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tickets_ticketchange (ticket_id, from_status, to_status, at, by_id, why)
        VALUES (NEW.id, '', NEW.status, NEW.changed_at, NEW.changed_by_id, NEW.changed_why);
    ELSIF OLD.status <> NEW.status THEN
        INSERT INTO tickets_ticketchange (ticket_id, from_status, to_status, at, by_id, why)
        VALUES (NEW.id, OLD.status, NEW.status, NEW.changed_at, NEW.changed_by_id, NEW.changed_why);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_ticket_history AFTER INSERT OR UPDATE OF status
ON tickets_ticket
FOR EACH ROW EXECUTE FUNCTION tickets_keep_history();
