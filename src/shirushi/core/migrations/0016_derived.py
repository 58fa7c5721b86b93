"""What is made from published files: Parquet and Zarr."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0015_announced_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="Derivation",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="derivation",
                        serialize=False,
                        to="core.record",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        max_length=20,
                    ),
                ),
                ("left", models.JSONField(default=list)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["created_at", "record_id"],
                "indexes": [models.Index(fields=["state", "created_at"], name="core_derivation_queue_idx")],
            },
        ),
        migrations.CreateModel(
            name="DerivedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=4096)),
                ("source", models.CharField(max_length=4096)),
                ("source_sha256", models.CharField(max_length=64)),
                ("part", models.CharField(blank=True, max_length=2000)),
                ("kind", models.CharField(choices=[("parquet", "Parquet"), ("zarr", "Zarr")], max_length=20)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.PositiveBigIntegerField(null=True)),
                ("columns", models.JSONField(default=list)),
                ("arrays", models.JSONField(default=list)),
                ("left_out", models.JSONField(default=list)),
                ("recipe", models.CharField(max_length=64)),
                ("made_with", models.CharField(max_length=100)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="derived", to="core.record"
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
                "indexes": [
                    models.Index(fields=["recipe"], name="core_derived_recipe_idx"),
                    models.Index(fields=["sha256"], name="core_derived_sha256_idx"),
                ],
                "constraints": [models.UniqueConstraint(fields=("record", "path"), name="one_derived_file_per_path")],
            },
        ),
    ]
