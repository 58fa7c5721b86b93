"""Files of 100,000 in one record: counted without being read, and found without parsing their object's inventory."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def mark_what_came_unchanged(apps, schema_editor):
    """Open drafts of new versions: which files are those of the version before."""
    drafts = apps.get_model("core", "Draft").objects.filter(base_record__isnull=False, record__isnull=True)
    files, published = apps.get_model("core", "DraftFile"), apps.get_model("core", "RecordFile")
    for draft, base in drafts.values_list("pk", "base_record"):
        same = published.objects.filter(record=base, path=OuterRef("path"), sha256=OuterRef("sha256"))
        files.objects.filter(Exists(same), draft=draft).update(as_before=True)


class Migration(migrations.Migration):
    dependencies = [("core", "0019_event_order")]
    operations = [
        migrations.AddField(
            "recordfile",
            "crc32",
            models.PositiveBigIntegerField(null=True, help_text="for ZIP; None of bytes that came before it was taken"),
        ),
        migrations.AddField(
            "recordfile",
            "content_path",
            models.TextField(
                blank=True, default="", help_text="where the bytes are in the object; '': its inventory tells"
            ),
            preserve_default=False,
        ),
        migrations.AddField("draftfile", "crc32", models.PositiveBigIntegerField(null=True)),
        migrations.AddField(
            "draftfile",
            "as_before",
            models.BooleanField(default=False, help_text="the version before has the same bytes at this path"),
        ),
        migrations.RunPython(mark_what_came_unchanged, migrations.RunPython.noop),
        migrations.AddIndex(
            "draftfile",
            models.Index(
                fields=["draft", "media_type", "as_before", "changed_at", "size"], name="core_draftfile_counted"
            ),
        ),
    ]
