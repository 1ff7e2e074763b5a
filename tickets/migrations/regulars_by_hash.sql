-- The paid stays of a plate that ended in the local month of an entry, before it, also of those whose plate has run out: one
-- reading of the index by plate for each way in which it may stand there.
DROP FUNCTION tickets_stays_before(bigint, text, text, timestamptz);

CREATE FUNCTION tickets_stays_before(the_lot bigint, the_plates text[], the_region text, entered timestamptz) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT least(count(*), 32767)::integer
    FROM lots_lot lot
    JOIN tickets_ticket stay ON stay.lot_id = lot.id
    JOIN billing_charge charge ON charge.id = stay.charge_id
    WHERE lot.id = the_lot AND stay.plate_normalised = ANY(the_plates) AND stay.status = 'closed'
        AND stay.exit_at BETWEEN date_trunc('month', entered, lot.timezone) AND entered
        AND stay.reservation_id IS NULL AND charge.captured_amount > charge.refunded_amount
        AND (stay.plate_region = the_region OR '' IN (stay.plate_region, the_region))
$$;
