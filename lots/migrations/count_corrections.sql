-- A correction moves the counter in its own statement, and is never changed. Deleting the lot takes its corrections along.

CREATE FUNCTION lots_correct_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lots_spotcount SET occupied = occupied + NEW.added, uncounted = uncounted + NEW.added
    WHERE level_id = NEW.level_id AND spot_type = NEW.spot_type;
    IF NOT FOUND THEN
        RAISE check_violation USING CONSTRAINT = 'count_correction_has_a_counter', MESSAGE = 'nothing is counted there';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_countcorrection_counts AFTER INSERT
ON lots_countcorrection
FOR EACH ROW EXECUTE FUNCTION lots_correct_count();

CREATE FUNCTION lots_keep_corrections() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corrections of counts are only ever added' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER lots_countcorrection_stays BEFORE UPDATE OF lot_id, level_id, spot_type, added, inside, at
ON lots_countcorrection
FOR EACH ROW EXECUTE FUNCTION lots_keep_corrections();
