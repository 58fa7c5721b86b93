"""Decisions and events are only ever added: the database itself refuses to change or delete them, whoever asks."""

from django.db import migrations

from shirushi.core.append_only import FIRST_TABLES, create_triggers, drop_triggers


def forwards(apps, schema_editor):
    create_triggers(schema_editor.connection, FIRST_TABLES)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection, tables=FIRST_TABLES)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
