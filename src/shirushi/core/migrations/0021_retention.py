"""The end of keeping: why and for how long, what was decided, and when it is over."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0020_files_counted_and_found"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "concept",
            "retain_reason",
            models.TextField(blank=True, default="", help_text="why so long"),
            preserve_default=False,
        ),
        migrations.AddField(
            "concept",
            "kept_for_good",
            models.BooleanField(default=False, help_text="it was decided never to dispose of it"),
        ),
        migrations.AddField(
            "concept",
            "disposed_version",
            models.PositiveIntegerField(help_text="object version that tells of its disposal", null=True),
        ),
        migrations.AddIndex(
            "concept",
            models.Index(
                condition=models.Q(("disposed_version", None), ("retain_until__isnull", False)),
                fields=["retain_until", "id"],
                name="core_concept_retain_idx",
            ),
        ),
        migrations.CreateModel(
            name="Disposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("decided_at", models.DateTimeField()),
                ("files", models.PositiveIntegerField()),
                ("size", models.PositiveBigIntegerField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disposal", to="core.concept"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)), fields=["id"], name="core_disposal_unfinished_idx"
                    )
                ],
            },
        ),
        migrations.AlterField(
            "deadline",
            "record",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="deadlines", to="core.record"),
        ),
        migrations.AddField(
            "deadline",
            "kind",
            models.CharField(
                choices=[("embargo", "Embargo"), ("retention", "Retention")], default="embargo", max_length=20
            ),
        ),
        migrations.AddConstraint(
            "deadline",
            models.UniqueConstraint(fields=("record", "kind"), name="one_deadline_of_a_kind_per_record"),
        ),
    ]
