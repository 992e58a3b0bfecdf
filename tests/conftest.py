"""What every test shares: how hard hypothesis tries."""

from hypothesis import HealthCheck, settings

_SLOW_MACHINES = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.load_profile("default")
