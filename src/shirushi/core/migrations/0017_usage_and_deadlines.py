"""Which hours of visits have been counted; when embargoes end."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0016_derived")]
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
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deadline", to="core.record"
                    ),
                ),
            ],
            options={
                "ordering": ["day", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("done_at", None)), fields=["day"], name="core_deadline_due_idx")
                ],
            },
        ),
    ]
