"""Decisions keep what they changed in a field, no longer the whole field before and after."""

from django.db import migrations, models

from shirushi.core.append_only import FIRST_TABLES, create_triggers, drop_triggers

AT_ONCE = 50  # rows in memory: each held a whole field twice


def let_change(apps, schema_editor):
    drop_triggers(schema_editor.connection, tables=FIRST_TABLES)


def refuse_change(apps, schema_editor):
    create_triggers(schema_editor.connection, FIRST_TABLES)


def convert(apps, schema_editor):
    decisions = apps.get_model("core", "Decision").objects.using(schema_editor.connection.alias)
    ids = list(decisions.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), AT_ONCE):
        rows = list(decisions.filter(pk__in=ids[first : first + AT_ONCE]))
        for row in rows:
            row.position, row.removed, row.added = difference(items(row.before), items(row.after))
            if isinstance(row.value, list):  # a typed list stands in ``added``, as far as it is new
                row.value = None
        decisions.bulk_update(rows, ["position", "removed", "added", "value"])


def items(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def difference(before, after):
    """Where they begin to differ, and what stands there in each until they are the same again."""
    same = [repr(item) for item in before], [repr(item) for item in after]  # 1, 1.0 and True are not the same
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if same[0][at] != same[1][at]), shorter)
    end = next((at for at in range(shorter - start) if same[0][-1 - at] != same[1][-1 - at]), shorter - start)
    return start, before[start : len(before) - end], after[start : len(after) - end]


class Migration(migrations.Migration):
    dependencies = [("core", "0003_files_and_their_values")]
    operations = [
        migrations.RunPython(let_change, migrations.RunPython.noop),
        migrations.AddField("decision", "position", models.PositiveIntegerField(default=0)),
        migrations.AddField("decision", "removed", models.JSONField(default=list)),
        migrations.AddField("decision", "added", models.JSONField(default=list)),
        migrations.RunPython(convert),
        migrations.RemoveField("decision", "before"),
        migrations.RemoveField("decision", "after"),
        migrations.RunPython(refuse_change, migrations.RunPython.noop),
    ]
