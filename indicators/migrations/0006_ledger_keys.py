"""The keys for finding near-duplicates, of the rows that are there."""

from django.db import migrations

from indicators.likeness import name_key, number_key


def fill_keys(apps, schema_editor):
    outcomes = apps.get_model("indicators", "Outcome").objects.only("name", "document_no")
    some = []
    for outcome in outcomes.iterator(chunk_size=500):
        outcome.name_key, outcome.number_key = name_key(outcome.name), number_key(outcome.document_no)
        some.append(outcome)
    apps.get_model("indicators", "Outcome").objects.bulk_update(
        some, ["name_key", "number_key"], batch_size=200
    )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0005_ledger_entry")]
    operations = [migrations.RunPython(fill_keys, migrations.RunPython.noop)]
