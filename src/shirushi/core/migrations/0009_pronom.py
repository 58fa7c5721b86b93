"""What PRONOM calls the format of a file, of a draft's and of a record's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0008_answers")]
    operations = [
        migrations.AddField(
            "draftfile",
            "pronom",
            models.JSONField(
                null=True,
                blank=True,
                help_text="its format in PRONOM: {puid, name, version, by, conflict}, and in ``of`` the digest of the bytes that "
                "were looked at; without a puid where PRONOM has no one answer",
            ),
        ),
        migrations.AddField(
            "recordfile",
            "pronom",
            models.JSONField(null=True, blank=True, help_text="its format in PRONOM: {puid, name, version, by}"),
        ),
    ]
