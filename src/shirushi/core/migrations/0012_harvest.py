"""Datestamps and sets for harvesters."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0011_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="HarvestSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("spec", models.CharField(max_length=200, unique=True)),
            ],
            options={
                "ordering": ["spec"],
            },
        ),
        migrations.CreateModel(
            name="HarvestEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("datestamp", models.DateTimeField()),
                ("deleted", models.BooleanField(default=False)),
                ("event", models.BigIntegerField()),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="harvest_entries", to="core.record"
                    ),
                ),
                (
                    "set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="core.harvestset",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["set", "datestamp", "record", "deleted"], name="core_harvest_order_idx")
                ],
                "constraints": [models.UniqueConstraint(fields=("set", "record"), name="one_entry_per_set")],
            },
        ),
    ]
