-- A count is made blind and stays as it was made.

CREATE FUNCTION billing_keep_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a count of a shift is never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER billing_count_kept BEFORE UPDATE OR DELETE
ON billing_shiftcount
FOR EACH ROW EXECUTE FUNCTION billing_keep_count();
