"""What is raised where the site was told something that cannot work."""


class SettingsError(ValueError):
    """The configuration cannot work; the message says what to set, to a person."""
