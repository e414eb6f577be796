from django.db import migrations, models
from django.db.models import F


def written_when_decided(apps, schema_editor):
    """Until now a change was written into its record as soon as it was approved."""
    apps.get_model("projects", "ChangeRequest").objects.filter(decided_at__isnull=False).update(
        written_at=F("decided_at")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("projects", "0007_exception_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="changerequest",
            name="written_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="写入任务书的时间"),
        ),
        migrations.AlterField(
            model_name="changerequest",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="批复/备案的记录时间"),
        ),
        migrations.RunPython(written_when_decided, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("written_at__isnull", True), ("decided_at__isnull", False), _connector="OR"
                ),
                name="change_written_is_decided",
            ),
        ),
    ]
