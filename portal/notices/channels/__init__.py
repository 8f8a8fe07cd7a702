"""The channels that notices take. Which are on is settings.NOTICE_CHANNELS; each is made for one batch and closed after it."""
