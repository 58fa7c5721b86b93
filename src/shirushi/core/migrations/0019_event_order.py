"""Transactions that add events are known while they are open (PostgreSQL), so that followers pass over none."""

from django.db import migrations

from shirushi.core.event_order import create_trigger, drop_trigger


def forwards(apps, schema_editor):
    create_trigger(schema_editor.connection)


def backwards(apps, schema_editor):
    drop_trigger(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("core", "0018_packages")]
    operations = [migrations.RunPython(forwards, backwards)]
