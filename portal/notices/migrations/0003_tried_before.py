from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0002_channels_and_preferences'),
    ]

    operations = [
        migrations.AddField(
            model_name='outbox',
            name='tried',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
