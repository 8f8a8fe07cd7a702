from django.db import migrations


class Migration(migrations.Migration):
    """The table stays as it is: the room that watches keeps its model."""

    dependencies = [("clock", "0001_initial"), ("watch", "0002_heartbeats")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Heartbeat")])]
