"""Archives that are unpacked into drafts, and where imported records come from."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import shirushi.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0017_usage_and_deadlines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("system", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=500)),
                ("concept_key", models.CharField(blank=True, max_length=500)),
                ("ordinal", models.PositiveBigIntegerField(blank=True, null=True)),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("digest", models.CharField(max_length=64)),
                ("document", models.TextField(blank=True)),
                ("untaken", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "draft",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="source", to="core.draft"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["system", "key"], name="core_source_key_idx"),
                    models.Index(fields=["system", "concept_key"], name="core_source_concept_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unpacking",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=shirushi.core.ids.new_id,
                        editable=False,
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("actor", models.JSONField()),
                ("path", models.CharField(max_length=4096)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        max_length=20,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("report", models.JSONField(default=dict)),
                ("code", models.CharField(blank=True, max_length=50)),
                ("message", models.JSONField(default=dict, help_text="why it failed: {en, ja}")),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("heartbeat", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="unpackings", to="core.draft"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(fields=["state", "created_at"], name="core_unpack_queue_idx"),
                    models.Index(fields=["draft", "created_at"], name="core_unpack_draft_idx"),
                ],
            },
        ),
    ]
