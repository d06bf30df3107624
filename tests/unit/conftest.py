from hypothesis import HealthCheck, settings

# Time is not what these tests are about, and the machine may be busy.
settings.register_profile("console", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("console")
