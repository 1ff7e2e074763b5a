import lots.geometry
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('lots', '0010_say_why_gates_are_closed'),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE lots_lot SET latitude = CASE WHEN abs(latitude) < 1e-9 THEN 0 ELSE latitude END,"
            " longitude = CASE WHEN abs(longitude) < 1e-9 THEN 0 ELSE longitude END"
            " WHERE abs(latitude) < 1e-9 AND latitude <> 0 OR abs(longitude) < 1e-9 AND longitude <> 0",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='lot',
            name='latitude',
            field=lots.geometry.DegreesField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='lot',
            name='longitude',
            field=lots.geometry.DegreesField(blank=True, null=True),
        ),
    ]
