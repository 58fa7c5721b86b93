"""Which hours of visits have been counted."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0015_announced_files")]
    operations = [
        migrations.CreateModel(
            name="UsageHour",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("visits", models.PositiveBigIntegerField(default=0)),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"ordering": ["name"]},
        ),
    ]
