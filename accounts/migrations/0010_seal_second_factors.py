from django.db import migrations

from accounts.sealed_factors import seal_factors_again


def seal_stored(apps, _schema_editor):
    """Seal the secrets that were stored before they were; may be run again when it was stopped."""
    seal_factors_again(apps.get_model("mfa", "Authenticator").objects.all())


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0009_limit_roles_to_lots"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        migrations.RunPython(seal_stored, migrations.RunPython.noop),
    ]
