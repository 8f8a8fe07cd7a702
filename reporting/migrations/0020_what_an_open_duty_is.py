"""A duty is open until it ends; what was opened, taken up, answered or told of says when, or what."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_rotas'),
        ('reporting', '0019_indexes_that_others_cover'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('sent', 'opened', 'taken_up')), ('ended_at__isnull', False), _connector='XOR'), name='duty_open_until_it_ends'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'opened'), _negated=True), ('opened_at__isnull', False), _connector='OR'), name='duty_opened_has_time'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'taken_up'), _negated=True), models.Q(('opened_at__isnull', False), ('taken_up_at__isnull', False)), _connector='OR'), name='duty_taken_up_has_times'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'answer'), ('answers__isnull', True), _connector='XOR'), name='message_answers_a_question'),
        ),
        migrations.AddConstraint(
            model_name='nameopening',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['opened', 'closed']), ('reporter_told_at__isnull', True), _connector='OR'), name='name_told_once_opened'),
        ),
    ]
