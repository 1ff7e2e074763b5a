-- The use of a pass follows its stay: taken with the entry, ended with the exit, given back when the entry was undone.

-- An entry is taken from a pass that counts them; the check of its column refuses one that is not there.
CREATE FUNCTION tickets_begin_pass_use(the_ticket tickets_ticket) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE passes_pass SET entries_left = entries_left - 1 WHERE id = the_ticket.held_pass_id AND entries_left IS NOT NULL;
    INSERT INTO passes_passuse (ticket, held_pass_id, lot_id, plate_normalised, entered_at, left_at, entries, given_back)
    VALUES (the_ticket.id, the_ticket.held_pass_id, the_ticket.lot_id, coalesce(the_ticket.plate_normalised, ''),
        the_ticket.entry_at, NULL, 1, false)
    ON CONFLICT (ticket) DO UPDATE SET held_pass_id = excluded.held_pass_id, left_at = NULL, entries = 1,
        plate_normalised = excluded.plate_normalised, entered_at = excluded.entered_at, given_back = false;
END $$;

CREATE FUNCTION tickets_give_pass_use_back(the_ticket bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    used passes_passuse;
BEGIN
    SELECT * INTO used FROM passes_passuse WHERE ticket = the_ticket;
    IF used.given_back THEN
        RETURN;
    END IF;
    UPDATE passes_pass SET entries_left = entries_left + used.entries
    WHERE id = used.held_pass_id AND entries_left IS NOT NULL;
    UPDATE passes_passuse SET given_back = true, entries = 0, left_at = coalesce(left_at, entered_at)
    WHERE ticket = the_ticket;
END $$;

CREATE FUNCTION tickets_keep_pass_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    more integer := 0;
    used passes_passuse;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'void' THEN
            PERFORM tickets_begin_pass_use(NEW);
        END IF;
    ELSIF NEW.held_pass_id IS DISTINCT FROM OLD.held_pass_id THEN
        IF OLD.held_pass_id IS NOT NULL THEN
            PERFORM tickets_give_pass_use_back(OLD.id);
        END IF;
        IF NEW.held_pass_id IS NOT NULL AND NEW.status <> 'void' THEN
            PERFORM tickets_begin_pass_use(NEW);
        END IF;
    ELSIF NEW.status = 'void' THEN
        PERFORM tickets_give_pass_use_back(NEW.id);
        RETURN NULL;
    END IF;
    IF NEW.held_pass_id IS NULL OR NEW.status = 'void' THEN
        RETURN NULL;
    END IF;
    IF NEW.status = 'closed' THEN
        -- Each further local day of the stay takes an entry of a pass that needs one for each, as far as there are any.
        SELECT * INTO used FROM passes_passuse WHERE ticket = NEW.id;
        UPDATE passes_pass p SET entries_left = p.entries_left - taken.more
        FROM (SELECT least(held.entries_left, (NEW.exit_at AT TIME ZONE lot.timezone)::date
                - (NEW.entry_at AT TIME ZONE lot.timezone)::date + 1 - used.entries) AS more
            FROM passes_pass held, lots_lot lot
            WHERE held.id = NEW.held_pass_id AND held.per_day AND lot.id = NEW.lot_id) taken
        WHERE p.id = NEW.held_pass_id AND taken.more > 0 RETURNING taken.more INTO more;
    END IF;
    -- A stay in review has no place inside; what its car uses is decided with it.
    UPDATE passes_passuse SET entries = entries + coalesce(more, 0), plate_normalised = coalesce(NEW.plate_normalised, ''),
        entered_at = NEW.entry_at,
        left_at = CASE WHEN NEW.status NOT IN ('entering', 'active', 'paid')
            THEN greatest(coalesce(NEW.exit_at, NEW.changed_at), NEW.entry_at) END
    WHERE ticket = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_ticket_begins_pass_use AFTER INSERT
ON tickets_ticket
FOR EACH ROW WHEN (NEW.held_pass_id IS NOT NULL) EXECUTE FUNCTION tickets_keep_pass_use();

CREATE TRIGGER tickets_ticket_changes_pass_use AFTER UPDATE OF status, held_pass_id, plate_normalised, entry_at, exit_at
ON tickets_ticket
FOR EACH ROW WHEN (OLD.held_pass_id IS NOT NULL OR NEW.held_pass_id IS NOT NULL) EXECUTE FUNCTION tickets_keep_pass_use();
