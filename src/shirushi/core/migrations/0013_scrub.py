"""Readings of every stored byte against its digest: where each is, and what it found."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0012_harvest")]
    operations = [
        migrations.CreateModel(
            name="ScrubRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(default="blobs", max_length=20)),
                ("place", models.TextField(blank=True)),
                ("path", models.TextField(blank=True)),
                ("things", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["id"]},
        ),
    ]
