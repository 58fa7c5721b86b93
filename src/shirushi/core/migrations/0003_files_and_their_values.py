"""When each file came, when each reading began and what it sees; files taken out as decisions."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("core", "0002_append_only")]
    operations = [
        migrations.RenameField(model_name="draftfile", old_name="created", new_name="changed_at"),
        migrations.AlterField(
            model_name="draftfile",
            name="changed_at",
            field=models.DateTimeField(default=timezone.now, help_text="when these bytes came to this path"),
        ),
        migrations.AddField(
            model_name="describerun", name="began_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="describerun", name="seen", field=models.JSONField(default=dict)),
        migrations.AlterField(
            model_name="decision",
            name="action",
            field=models.CharField(
                choices=[
                    ("accept", "Accept"),
                    ("edit", "Edit"),
                    ("reject", "Reject"),
                    ("type", "Type"),
                    ("set", "Set"),
                    ("file", "File"),
                    ("undo", "Undo"),
                ],
                max_length=10,
            ),
        ),
    ]
