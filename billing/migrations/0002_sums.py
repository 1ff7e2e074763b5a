"""The sums of a charge are kept by the database from the rows that move money; its checks then guard every path."""

from django.db import migrations

SUM = """
CREATE FUNCTION billing_sum_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE billing_charge SET {column} = {column} - OLD.{amount} WHERE id = {of_old};
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE billing_charge SET {column} = {column} + NEW.{amount} WHERE id = {of_new};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_{name}_summed AFTER INSERT OR UPDATE OF {amount} OR DELETE ON billing_{name}
FOR EACH ROW EXECUTE FUNCTION billing_sum_{name}();
"""

OF_PAYMENT = "(SELECT charge_id FROM billing_payment WHERE id = {row}.payment_id)"

SUMS = [
    {"name": "payment", "column": "captured_amount", "amount": "captured_amount", "row": "{row}.charge_id"},
    {"name": "refund", "column": "refunded_amount", "amount": "amount", "row": OF_PAYMENT},
    {"name": "credit", "column": "credited_amount", "amount": "amount", "row": "{row}.charge_id"},
]


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        migrations.RunSQL(
            SUM.format(
                name=of["name"],
                column=of["column"],
                amount=of["amount"],
                of_old=of["row"].format(row="OLD"),
                of_new=of["row"].format(row="NEW"),
            ),
            f"DROP FUNCTION billing_sum_{of['name']} CASCADE",
        )
        for of in SUMS
    ]
