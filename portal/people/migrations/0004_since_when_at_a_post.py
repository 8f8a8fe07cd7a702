"""Since when somebody staffs a post. Nothing says it of those who are there already: their memberships have no date, and give them all they give today."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_rotas'),
    ]

    operations = [
        migrations.AddField(
            model_name='postmember',
            name='since',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='postmember',
            name='since',
            field=models.DateTimeField(db_default=Now(), editable=False, null=True),
        ),
    ]
