"""What is asked about a draft's files before they are published, and what was answered: rows that are only ever added."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from shirushi.core.append_only import create_triggers, drop_triggers

TABLES = ("core_answer",)


def forwards(apps, schema_editor):
    create_triggers(schema_editor.connection, TABLES)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection, tables=TABLES)


class Migration(migrations.Migration):
    dependencies = [("core", "0007_asking_a_language_model"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddField("describerun", "sensitive", models.JSONField(default=list)),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item", models.CharField(max_length=64)),
                ("category", models.CharField(max_length=30)),
                ("path", models.CharField(max_length=4096)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("not-personal", "Not Personal"),
                            ("consented", "Consented"),
                            ("remove", "Remove"),
                            ("restrict", "Restrict"),
                        ],
                        max_length=20,
                    ),
                ),
                ("actor", models.JSONField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "concept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="core.concept"
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="core.draft"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["concept", "id"], name="core_answer_concept_aa5593_idx")],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
